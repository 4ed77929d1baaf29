import type { Encoding } from '../encoding.ts'
import { array } from './array.ts'
import { jsonb } from './jsonb.ts'
import { bigint, double, integer, real } from './number.ts'
import { numeric } from './numeric.ts'
import { blankPadded, boolean, bytea, enumeration, text, uuid, varchar } from './text.ts'
import { date, time, timestamp } from './time.ts'

/** A type of PostgreSQL, as a row description and the catalog describe it. */
export interface PgType {
  oid: number
  /** -1, or left out, if it has none. */
  modifier?: number
  /** As `format_type` shows it, without its modifier. */
  name?: string
  /** Of an enum, in the declared order. */
  labels?: readonly string[]
  /** Of an array. */
  element?: PgType
  /** Whether it was found as a domain over this type. */
  isDomain?: boolean
}

const scalars: Record<number, Encoding> = {
  16: boolean,
  17: bytea,
  20: bigint,
  21: integer('smallint', 'short', -32_768, 32_767),
  23: integer('integer', 'integer', -2_147_483_648, 2_147_483_647),
  25: text,
  700: real,
  701: double,
  1042: blankPadded,
  1043: varchar,
  1082: date,
  1083: time,
  1114: timestamp('timestamp'),
  1184: timestamp('timestamptz'),
  2950: uuid,
  3802: jsonb,
}

/** The encoding of a type, or undefined if a read model cannot hold it. */
export function encodingOf({ oid, modifier = -1, name = `oid ${oid}`, labels, element }: PgType): Encoding | undefined {
  if (element) return arrayOf(element)
  if (labels) return enumeration(name, labels)
  return oid === 1700 ? numeric(modifier) : scalars[oid]
}

function arrayOf(element: PgType): Encoding | undefined {
  const encoding = element.element ? undefined : encodingOf(element)
  if (!encoding || encoding === jsonb) return undefined
  return array(element.isDomain ? { ...encoding, isCast: true } : encoding)
}
