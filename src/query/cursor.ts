import { createHash } from 'node:crypto'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { Order } from './order.ts'
import { shown } from './parts.ts'
import type { PlannedText } from './text.ts'
import type { Condition } from './where.ts'

/** Where a page ended, and what else the next one has to know of it. */
export interface Place {
  /** The score if the order has one, then the values of the order's columns. */
  after: Value[]
  /** How the index ranked rows: pages that are ranked in another way do not follow each other. */
  ranking?: string
  /** No typos were forgiven, since enough rows had the words themselves. */
  isStrict?: true
  held?: Held
}

/** An index as it was when the first page was read. */
export interface Held {
  pit: string
  index: string
  /** The age of the first page, as its answer had it. */
  asOf?: string
  snapshot?: string
}

/**
 * A short hash of all that decides which rows follow which: a cursor carries it, so that it cannot continue another
 * query. The target is not part of it: cursors hold canonical values, which every target of the read model understands.
 */
export function signatureOf(
  definition: Definition,
  conditions: readonly Condition[],
  text: PlannedText | undefined,
  order: Order,
  isHeld: boolean,
): string {
  const asked = conditions.map(conditionText).sort()
  const sorted = order.columns.map(
    ({ column, descending, ignoringCase, missingFirst }) =>
      `${descending ? '-' : ''}${column.name}${ignoringCase ? ' case' : ''}${missingFirst ? ' first' : ''}`,
  )
  const parts = [definition.readModel, asked, text ?? null, order.relevance, sorted, ...(isHeld ? ['held'] : [])]
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
export function writeCursor(
  signature: string,
  order: Order,
  row: Row,
  { score, ...more }: { score?: number } & Omit<Place, 'after'> = {},
): string {
  const values = order.columns.map(({ column }) => row[column.name] ?? null)
  return cursorOf(signature, { ...more, after: order.relevance ? [score as number, ...values] : values })
}

const cursorOf = (query: string, { after, ranking, isStrict, held }: Place): string =>
  Buffer.from(JSON.stringify({ query, after, ranking, isStrict, held })).toString('base64url')

/**
 * What {@link writeCursor} put into a cursor: one that it would not have written is refused.
 *
 * @param cursor as it came
 * @throws CURSOR_INVALID
 */
export function readCursor(cursor: unknown, signature: string, order: Order): Place {
  const { query, after, ...more } = contentOf(cursor)
  if (query !== signature) throw invalidCursor('belongs to another query (other conditions, text, sort or hold)')
  const score = order.relevance ? after.slice(0, 1) : []
  const values = after.slice(score.length)
  if (values.length !== order.columns.length || score.some((one) => typeof one !== 'number')) {
    throw invalidCursor('cannot be read')
  }
  const read = [...score, ...order.columns.map(({ column }, place) => canonicalValue(column, values[place]))] as Value[]
  const place = { ...more, after: read }
  if (cursorOf(signature, place) !== cursor) throw invalidCursor('was changed')
  return place
}

/** What a cursor holds still. @throws CURSOR_INVALID */
export const heldIn = (cursor: string): Held | undefined => contentOf(cursor).held

interface Content extends Omit<Place, 'after'> {
  query: unknown
  after: unknown[]
}

function contentOf(cursor: unknown): Content {
  if (typeof cursor !== 'string') throw invalidCursor(`is ${shown(cursor)}`)
  try {
    const content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(content?.after) && isHeld(content.held)) return content
  } catch {
    // not JSON: told below
  }
  throw invalidCursor('cannot be read')
}

const isHeld = (held: Record<string, unknown> | undefined): boolean =>
  held === undefined || (typeof held.pit === 'string' && typeof held.index === 'string' && isText(held.asOf))

const isText = (given: unknown): boolean => given === undefined || typeof given === 'string'

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

export const invalidCursor = (fault: string): TrifoldError =>
  new TrifoldError('CURSOR_INVALID', `query: the cursor ${fault}; ${advice}`)

/** The cursor was good, and is no more. @param fault what became of its pages */
export const expiredCursor = (fault: string): TrifoldError =>
  new TrifoldError(
    'CURSOR_EXPIRED',
    `query: the cursor has expired: ${fault}; begin again with the first page, without \`cursor\``,
  )
