import type { Column, Definition } from '../definition.ts'
import { columnFor, type Use } from './columns.ts'
import { invalidQuery } from './invalid.ts'
import { type Parts, partsOf, shown } from './parts.ts'

/** What is computed from a column, which has to be fit for it. */
const functions = ['count', 'sum', 'avg', 'min', 'max', 'countDistinct', 'percentile'] as const satisfies Use[]

export type AggregateFunction = (typeof functions)[number]

/** One checked aggregate. */
export interface PlannedAggregate {
  name: string
  function: AggregateFunction
  column: Column
  /** The share of smaller values, of a percentile. */
  at?: number
}

const mostAggregates = 20

/** What a group has anyway. */
const taken = ['count', 'sum', 'group']

/** The aggregates of a summary: that of `sum`, which has this name, and those that have names of their own. @throws QUERY_INVALID */
export function aggregatesOf(definition: Definition, asked: Parts): PlannedAggregate[] {
  const sum = asked.sum === undefined ? [] : [sumOf(definition, asked.sum)]
  if (asked.aggregates === undefined) return sum
  const parts = Object.entries(partsOf('`aggregates`', asked.aggregates))
  if (parts.length === 0 || parts.length > mostAggregates)
    throw invalidQuery(`\`aggregates\` takes 1 to ${mostAggregates} of them by name, not ${parts.length}`)
  return [...sum, ...parts.map(([name, one]) => aggregateOf(definition, name, one))]
}

const sumOf = (definition: Definition, column: unknown): PlannedAggregate => ({
  name: 'sum',
  function: 'sum',
  column: columnFor('sum', definition, column),
})

function aggregateOf(definition: Definition, name: string, given: unknown): PlannedAggregate {
  const what = `the aggregate ${shown(name)}`
  if (taken.includes(name)) throw invalidQuery(`${what} has a name that every group has; choose another`)
  if (name === '' || name.startsWith('-')) throw invalidQuery(`${what} needs a name that does not begin with a minus`)
  const all = partsOf(what, given)
  const { at: _, ...parts } = all
  const [[called, column] = ['', undefined], ...others] = Object.entries(parts)
  const used = functions.find((one) => one === called)
  if (others.length > 0 || !used) {
    const names = Object.keys(parts).map((part) => shown(part))
    throw invalidQuery(
      `${what} takes one of ${functions.join(', ')} with a column, not ${names.join(', ') || 'nothing'}`,
    )
  }
  return { name, function: used, column: columnFor(used, definition, column), ...shareOf(what, used, all) }
}

function shareOf(what: string, used: AggregateFunction, parts: Parts): { at?: number } {
  const { at } = parts
  if (used !== 'percentile') {
    if (!('at' in parts)) return {}
    throw invalidQuery(`${what} takes \`at\` with \`percentile\` only`)
  }
  if (typeof at === 'number' && at >= 0 && at <= 1) return { at }
  throw invalidQuery(`${what} takes \`at\` from 0 to 1, such as 0.5 for the median, not ${shown(at)}`)
}
