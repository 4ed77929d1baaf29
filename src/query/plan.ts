import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { aggregatesOf, type PlannedAggregate } from './aggregates.ts'
import { chosenColumns } from './chosen.ts'
import { type Place, readCursor, signatureOf } from './cursor.ts'
import { type GroupOrder, groupOrderOf } from './group-order.ts'
import { groupsOf, type PlannedGroup } from './groups.ts'
import { havingOf, type PlannedBound } from './having.ts'
import { invalidQuery } from './invalid.ts'
import { type Order, orderOf } from './order.ts'
import { type Parts, shown, understood } from './parts.ts'
import { type Term, termsOf } from './terms.ts'
import { type PlannedText, textOf } from './text.ts'
import { spanOf, type Wait, waitOf } from './wait.ts'
import { type Condition, conditionsOf, type Readable } from './where.ts'

/** Most rows of a page: also the most that an index returns at once. */
export const largestLimit = 10_000
const defaultLimit = 100
const defaultDeadline = 10_000

/** What every request asks for. */
export interface ReadPlan {
  /** All of them must hold. */
  conditions: Condition[]
  text: PlannedText | undefined
  limit: number
  /** What the read waits for before it is answered. */
  wait: Wait | undefined
  /** Milliseconds in which the engine has to answer. */
  deadline: number
}

/** A request to find, checked against the definition: what both engines compile. */
export interface FindPlan extends ReadPlan {
  /** What rows are answered with, in this order. */
  columns: Column[]
  highlight: boolean
  /** Whether the rows of all pages are counted. */
  total: boolean
  order: Order
  /** The last row of the page before: the score if the order has one, then the values of the order's columns. */
  after: Value[] | undefined
  /** What else the page before left for this one. */
  place: Omit<Place, 'after'> | undefined
  /** Milliseconds for which the rows of all pages are kept as they are, until the next one is asked for. */
  hold: number | undefined
  /** Tells pages of this query from those of others. */
  signature: string
}

/** A request to summarize, checked against the definition. */
export interface SummarizePlan extends ReadPlan {
  /** None if all rows are one group. */
  groups: PlannedGroup[]
  /** Whether the value of a group is a list, one value for each term. */
  isList: boolean
  aggregates: PlannedAggregate[]
  /** What a group has to fulfil: all of them. */
  having: PlannedBound[]
  /** Of the groups. */
  order: GroupOrder
}

/**
 * Checks a request, whatever it is: all of it is understood and fits what may be read, or it is refused.
 *
 * @param known what may be said here; by default all that may be said to a target
 * @throws QUERY_INVALID, CURSOR_INVALID, TOKEN_INVALID
 */
export function planFind(source: Readable, request: unknown = {}, known?: readonly Term[]): FindPlan {
  const { definition } = source
  return understood(() => {
    const asked = termsOf('find', request, known)
    const read = readOf(source, asked)
    const order = orderOf(definition, asked.sort, read.text !== undefined, read.conditions)
    const hold = asked.hold === undefined ? undefined : spanOf('hold', asked.hold)
    const signature = signatureOf(definition, read.conditions, read.text, order, hold !== undefined)
    const { after, ...place } = asked.cursor === undefined ? {} : readCursor(asked.cursor, signature, order)
    return {
      ...read,
      columns: chosenColumns(definition, asked.columns),
      highlight: highlightOf(asked.highlight, read.text),
      total: flagOf('total', asked.total),
      order,
      after,
      place: after && place,
      hold,
      signature,
    }
  })
}

/** As {@link planFind}. @throws QUERY_INVALID, TOKEN_INVALID */
export function planSummarize(source: Readable, request: unknown = {}, terms?: readonly Term[]): SummarizePlan {
  const { definition } = source
  return understood(() => {
    const asked = termsOf('summarize', request, terms)
    const grouping = groupsOf(definition, asked.group)
    const aggregates = aggregatesOf(definition, asked)
    const known = { isGrouped: grouping.groups.length > 0, aggregates }
    return {
      ...readOf(source, asked),
      ...grouping,
      aggregates,
      having: havingOf(asked.having, known),
      order: groupOrderOf(asked.sort, known),
    }
  })
}

/** The parts of a request that are the same in every kind. @throws QUERY_INVALID, TOKEN_INVALID */
export const readOf = (source: Readable, asked: Parts): ReadPlan => ({
  conditions: conditionsOf(source, asked.where),
  text: textOf(asked.text),
  limit: limitOf(asked.limit, defaultLimit, largestLimit),
  wait: waitOf(asked.after, asked.timeout),
  deadline: asked.deadline === undefined ? defaultDeadline : spanOf('deadline', asked.deadline),
})

/** @throws QUERY_INVALID */
export function limitOf(limit: unknown, otherwise: number, largest: number): number {
  if (limit === undefined) return otherwise
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= largest) return limit
  throw invalidQuery(`\`limit\` is ${shown(limit)}; it takes a whole number from 1 to ${largest}`)
}

function flagOf(name: string, flag: unknown = false): boolean {
  if (typeof flag === 'boolean') return flag
  throw invalidQuery(`\`${name}\` takes true or false, not ${shown(flag)}`)
}

function highlightOf(asked: unknown, text: PlannedText | undefined): boolean {
  const highlight = flagOf('highlight', asked)
  if (!highlight || text) return highlight
  throw invalidQuery('`highlight` shows where `text` was found; give it a `text`, or leave it out')
}
