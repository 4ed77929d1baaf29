import { createHash } from 'node:crypto'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { Order } from './order.ts'
import { shown } from './parts.ts'
import type { PlannedText } from './text.ts'
import type { Condition } from './where.ts'

/**
 * A short hash of all that decides which rows follow which: a cursor carries it, so that it cannot continue another
 * query. The target is not part of it: cursors hold canonical values, which every target of the read model understands.
 */
export function signatureOf(
  definition: Definition,
  conditions: readonly Condition[],
  text: PlannedText | undefined,
  order: Order,
): string {
  const asked = conditions.map(conditionText).sort()
  const sorted = order.columns.map(
    ({ column, descending, missingFirst }) => `${descending ? '-' : ''}${column.name}${missingFirst ? ' first' : ''}`,
  )
  const parts = [definition.readModel, asked, text ?? null, order.relevance, sorted]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)
}

function conditionText(condition: Condition): string {
  switch (condition.operator) {
    case 'and':
    case 'or':
      return JSON.stringify([condition.operator, condition.conditions.map(conditionText).sort()])
    case 'not':
      return JSON.stringify(['not', conditionText(condition.condition)])
    default: {
      const { column, ...asked } = condition
      return JSON.stringify([column.name, asked])
    }
  }
}

/** The cursor behind `row`. */
export function writeCursor(signature: string, order: Order, row: Row, score?: number): string {
  const values = order.columns.map(({ column }) => row[column.name] ?? null)
  return cursorOf(signature, order.relevance ? [score as number, ...values] : values)
}

const cursorOf = (query: string, after: readonly Value[]): string =>
  Buffer.from(JSON.stringify({ query, after })).toString('base64url')

/**
 * The values that {@link writeCursor} put into a cursor: one that it would not have written is refused.
 *
 * @param cursor as it came
 * @throws CURSOR_INVALID
 */
export function readCursor(cursor: unknown, signature: string, order: Order): Value[] {
  const { query, after } = contentOf(cursor)
  if (query !== signature) throw invalidCursor('belongs to another query (other conditions, text or sort)')
  const score = order.relevance ? after.slice(0, 1) : []
  const values = after.slice(score.length)
  if (values.length !== order.columns.length || score.some((one) => typeof one !== 'number')) {
    throw invalidCursor('cannot be read')
  }
  const read = [...score, ...order.columns.map(({ column }, place) => canonicalValue(column, values[place]))] as Value[]
  if (cursorOf(signature, read) !== cursor) throw invalidCursor('was changed')
  return read
}

function contentOf(cursor: unknown): { query: unknown; after: unknown[] } {
  if (typeof cursor !== 'string') throw invalidCursor(`is ${shown(cursor)}`)
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
