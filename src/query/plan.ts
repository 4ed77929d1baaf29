import type { Column, Definition } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { columnNamed, groupColumnNamed, invalidQuery, kindOf } from './columns.ts'
import { type ColumnCondition, conditionsOf } from './conditions.ts'
import { readCursor, signatureOf } from './cursor.ts'
import { type Order, orderOf } from './order.ts'
import type { Find, FullText, Read, Summarize } from './request.ts'

/** Most rows of a page: also the most that an index returns at once. */
export const largestLimit = 10_000
const defaultLimit = 100

export type PlannedText = Required<FullText>

/** A request to find, checked against the definition: what both engines compile. */
export interface FindPlan {
  conditions: ColumnCondition[]
  text: PlannedText | undefined
  highlight: boolean
  order: Order
  limit: number
  /** The last row of the page before: the score where the order has one, then the values of the order's columns. */
  after: Value[] | undefined
  /** Tells pages of this query from those of others. */
  signature: string
}

/** A request to summarize, checked against the definition. */
export interface SummarizePlan {
  conditions: ColumnCondition[]
  text: PlannedText | undefined
  /** May be an array: then its elements are meant. */
  group: Column | undefined
  sum: Column | undefined
  limit: number
}

/** @throws QUERY_INVALID, CURSOR_INVALID */
export function planFind(definition: Definition, request: Find): FindPlan {
  const conditions = conditionsOf(definition, request.where)
  const text = textOf(request.text)
  const highlight = highlightOf(request.highlight, text)
  const order = orderOf(definition, request, conditions)
  const signature = signatureOf(definition, conditions, text, order)
  const after = request.cursor === undefined ? undefined : readCursor(request.cursor, signature, order)
  return { conditions, text, highlight, order, limit: limitOf(request.limit), after, signature }
}

/** @throws QUERY_INVALID */
export function planSummarize(definition: Definition, request: Summarize): SummarizePlan {
  return {
    conditions: conditionsOf(definition, request.where),
    text: textOf(request.text),
    group: request.group === undefined ? undefined : groupColumnNamed(definition, request.group),
    sum: request.sum === undefined ? undefined : numberColumnNamed(definition, request.sum),
    limit: limitOf(request.limit),
  }
}

function limitOf(limit = defaultLimit): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= largestLimit) return limit
  throw invalidQuery(`\`limit\` is ${limit}; it takes a whole number from 1 to ${largestLimit}`)
}

function textOf(text: Read['text']): PlannedText | undefined {
  if (text === undefined) return undefined
  const { query, typos = true } = typeof text === 'string' ? { query: text } : text
  if (typeof query !== 'string' || typeof typos !== 'boolean') {
    throw invalidQuery('`text` takes words, or { query: words, typos: true or false }')
  }
  if (query.trim() !== '') return { query, typos }
  throw invalidQuery('`text` is blank; leave it out to find every row')
}

function highlightOf(highlight: boolean | undefined, text: PlannedText | undefined): boolean {
  if (!highlight || text) return highlight ?? false
  throw invalidQuery('`highlight` shows where `text` was found; give it a `text`, or leave it out')
}

function numberColumnNamed(definition: Definition, name: string): Column {
  const column = columnNamed(definition, name)
  if (isNumber(column)) return column
  const numbers = definition.columns.filter(isNumber).map((one) => one.name)
  throw invalidQuery(
    `\`sum\` cannot use ${name} (${column.encoding.pgType}); columns of numbers: ${numbers.join(', ') || 'none'}`,
    { column: name },
  )
}

const isNumber = (column: Column): boolean => ['number', 'decimal'].includes(kindOf(column))
