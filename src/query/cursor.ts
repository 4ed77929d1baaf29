import { createHash } from 'node:crypto'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { ColumnCondition } from './conditions.ts'
import type { Order } from './order.ts'
import type { FullText } from './request.ts'

/**
 * A short hash of all that decides which rows follow which: a cursor carries it, so that it cannot continue another
 * query. The target is not part of it: cursors hold canonical values, which every target of the read model understands.
 */
export function signatureOf(
  definition: Definition,
  conditions: readonly ColumnCondition[],
  text: Required<FullText> | undefined,
  order: Order,
): string {
  const asked = conditions.map(({ column, ...condition }) => JSON.stringify([column.name, condition])).sort()
  const sorted = order.columns.map(({ column, descending }) => `${descending ? '-' : ''}${column.name}`)
  const parts = [definition.readModel, asked, text ?? null, order.relevance, sorted]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)
}

/** The cursor behind `row`. */
export function writeCursor(signature: string, order: Order, row: Row, score?: number): string {
  const values = order.columns.map(({ column }) => row[column.name] ?? null)
  const content = { query: signature, after: order.relevance ? [score, ...values] : values }
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

/** The values that {@link writeCursor} put into a cursor. @throws CURSOR_INVALID */
export function readCursor(cursor: string, signature: string, order: Order): Value[] {
  const { query, after } = contentOf(cursor)
  if (query !== signature) throw invalidCursor('belongs to another query (other conditions, text or sort)')
  const score = order.relevance ? after.slice(0, 1) : []
  const values = after.slice(score.length)
  if (values.length !== order.columns.length || score.some((one) => typeof one !== 'number')) {
    throw invalidCursor('cannot be read')
  }
  return [...score, ...order.columns.map(({ column }, place) => canonicalValue(column, values[place]))] as Value[]
}

function contentOf(cursor: string): { query: unknown; after: unknown[] } {
  try {
    const content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(content?.after)) return content
  } catch {
    // not JSON: told below
  }
  throw invalidCursor('cannot be read')
}

function canonicalValue(column: Column, value: unknown): Value {
  if (value === null && !column.notNull) return null
  try {
    return column.encoding.canonical(value)
  } catch (cause) {
    throw new TrifoldError('CURSOR_INVALID', `query: the cursor holds no value for ${column.name}; ${advice}`, {
      cause,
    })
  }
}

const advice = 'pass the `cursor` of the page before unchanged, with the same request, or none for the first page'

const invalidCursor = (fault: string): TrifoldError =>
  new TrifoldError('CURSOR_INVALID', `query: the cursor ${fault}; ${advice}`)
