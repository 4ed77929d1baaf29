import type { SchemaElement } from 'hyparquet'
import type { Encoding, Value } from '../encoding.ts'

/** How a column stands in a Parquet file: elements of its schema, and its values. */
export interface ParquetField {
  /** In the order of the schema: of a list its three levels. */
  elements: SchemaElement[]
  /** What the writer takes for a canonical value. @throws {@link NoForm} */
  of(value: Value): unknown
}

/** A value of PostgreSQL that Parquet has no form for. */
export class NoForm extends Error {}

type Scalar = { element: Omit<SchemaElement, 'name' | 'repetition_type'>; of(value: Value): unknown }

/** The field of a column of this type. */
export function parquetField(name: string, { element, ...encoding }: Encoding): ParquetField {
  if (element) return listField(name, scalarOf(element))
  const scalar = scalarOf(encoding)
  return { elements: [{ name, repetition_type: 'OPTIONAL', ...scalar.element }], of: scalar.of }
}

const listField = (name: string, { element, of }: Scalar): ParquetField => ({
  elements: [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...element },
  ],
  of: (value) => (value as Value[]).map((item) => (item === null ? null : of(item))),
})

const same = (value: Value): unknown => value
const bigintOf = (value: Value): bigint => BigInt(value as number)
const bytesOf = (value: Value): Buffer => Buffer.from((value as string).slice(2), 'hex')
const uuidOf = (value: Value): Buffer => Buffer.from((value as string).replaceAll('-', ''), 'hex')
/** As it is stored: the writer would parse it, and lose digits. */
const jsonOf = (value: Value): Buffer => Buffer.from(value as string)

const text: Scalar = {
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  of: same,
}

const scalars: Record<string, Scalar> = {
  boolean: { element: { type: 'BOOLEAN' }, of: same },
  smallint: { element: { type: 'INT32', converted_type: 'INT_16' }, of: same },
  integer: { element: { type: 'INT32' }, of: same },
  bigint: { element: { type: 'INT64' }, of: bigintOf },
  real: { element: { type: 'FLOAT' }, of: same },
  'double precision': { element: { type: 'DOUBLE' }, of: same },
  bytea: { element: { type: 'BYTE_ARRAY' }, of: bytesOf },
  uuid: { element: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }, of: uuidOf },
  jsonb: { element: { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } }, of: jsonOf },
}

function scalarOf(encoding: Encoding): Scalar {
  const { pgType } = encoding
  if (pgType === 'numeric') return decimal(encoding)
  if (pgType === 'date')
    return {
      element: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
      of: (value) => daysOf(encoding, value),
    }
  if (pgType.startsWith('timestamp')) return instant(encoding)
  return pgType === 'time' ? timeOfDay : (scalars[pgType] ?? text)
}

/** More digits than these are no number to most readers. */
const mostDigits = 38

/** Without a declared precision, or with a larger one, it is the text that `find` gives. */
function decimal({ precision, scale = 0 }: Encoding): Scalar {
  if (precision === undefined) return text
  const decimals = Math.max(scale, 0)
  const digits = scale < 0 ? precision - scale : Math.max(precision, scale)
  if (digits > mostDigits) return text
  const logical_type = { type: 'DECIMAL', precision: digits, scale: decimals } as const
  return {
    element: { ...decimalStorage(digits), converted_type: 'DECIMAL', precision: digits, scale: decimals, logical_type },
    of: (value) => BigInt((value as string).replace('.', '')),
  }
}

function decimalStorage(digits: number): Pick<SchemaElement, 'type' | 'type_length'> {
  if (digits <= 9) return { type: 'INT32' }
  if (digits <= 18) return { type: 'INT64' }
  return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: Math.ceil((digits * Math.log2(10) + 1) / 8) }
}

/** Days from 1970 to 2000, where those of an {@link Encoding} begin. */
const daysTo2000 = 10_957

const daysOf = (encoding: Encoding, value: Value): number => Number(finite(encoding, value)) + daysTo2000

const microsecondsTo2000 = BigInt(daysTo2000) * 86_400_000_000n

const instant = (encoding: Encoding): Scalar => ({
  element: {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: encoding.pgType === 'timestamptz', unit: 'MICROS' },
  },
  of(value) {
    const microseconds = finite(encoding, value) + microsecondsTo2000
    if (microseconds >= 2n ** 63n) throw new NoForm(`${value} is later than the times of Parquet`)
    return microseconds
  },
})

function finite({ exact }: Encoding, value: Value): bigint {
  if (value === 'infinity' || value === '-infinity') throw new NoForm(`Parquet has no ${value}`)
  return BigInt(exact?.of(value) as string | number)
}

const timeOfDay: Scalar = {
  element: {
    type: 'INT64',
    converted_type: 'TIME_MICROS',
    logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' },
  },
  of(value) {
    const [hours, minutes, seconds] = (value as string).split(':') as [string, string, string]
    if (hours === '24') throw new NoForm('in Parquet a day ends before 24:00:00')
    return BigInt((Number(hours) * 60 + Number(minutes)) * 60_000_000) + BigInt(seconds.replace('.', ''))
  },
}
