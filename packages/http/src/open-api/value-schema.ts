import type { Column } from 'trifold/internal/definition'
import type { Encoding } from 'trifold/internal/encoding'
import { anyOf, listOf, type Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const decimal: Schema = { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' }

/** What answers hold, by the type of PostgreSQL. */
const answered: Readonly<Record<string, Schema>> = {
  text,
  uuid: { type: 'string', format: 'uuid' },
  bytea: { type: 'string', description: 'Bytes.' },
  boolean: { type: 'boolean' },
  smallint: { type: 'integer', minimum: -(2 ** 15), maximum: 2 ** 15 - 1 },
  integer: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  bigint: { type: 'integer', minimum: -(2 ** 53 - 1), maximum: 2 ** 53 - 1 },
  real: { type: 'number' },
  'double precision': { type: 'number' },
  numeric: { ...decimal, description: 'An exact decimal.' },
  date: { type: 'string', description: 'A day, such as 2026-01-31.' },
  time: { type: 'string', description: 'A time of day.' },
  timestamp: { type: 'string', description: 'A time without a zone, such as 2026-01-31T12:00:00.000000.' },
  timestamptz: { type: 'string', description: 'An instant, such as 2026-01-31T12:00:00.000000Z.' },
}

/** Any JSON: of a document, and of a type that is not described more closely. */
const anything: Schema = {}

/** A value that is there. */
export function valueSchema({ pgType, element }: Encoding): Schema {
  if (element) return listOf(anyOf(valueSchema(element), { type: 'null' }))
  return answered[pgType] ?? anything
}

/** A value of a row. */
export const cellSchema = ({ encoding, notNull }: Column): Schema =>
  notNull ? valueSchema(encoding) : anyOf(valueSchema(encoding), { type: 'null' })

const numberOrText: Schema = {
  type: ['number', 'string'],
  description: 'A number; its digits stay exact, as a number and as text.',
}

/** A value of a condition: numbers may be written as text, too. */
export function givenSchema({ pgType, element }: Encoding): Schema {
  if (element) return givenSchema(element)
  const { type } = answered[pgType] ?? anything
  return type === 'integer' || type === 'number' || pgType === 'numeric' ? numberOrText : typeOnly(pgType)
}

/** Text is read more generously than it is written: with another offset, for instance. */
const typeOnly = (pgType: string): Schema => {
  const { type } = answered[pgType] ?? anything
  return type === undefined ? anything : { type }
}
