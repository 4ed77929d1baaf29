import type { ColumnEntry, ReadModelEntry } from '@trifold/http'
import type { Api } from '../api.ts'
import { amountColumns, shownColumns } from '../columns.ts'
import type { View } from '../view.ts'
import { commonTerms } from './request.ts'

/** Numbers of all rows that a view finds, on all pages. */
export interface Totals {
  count: number
  /** By column. */
  sums: ReadonlyMap<string, Total>
  /** The first and the last value of the column of the chart. */
  span: { first: string; last: string } | undefined
  approximate: boolean
}

export interface Total {
  sum: string | number | null
  average: string | number | null
}

/** An API takes at most twenty aggregates, two of which are for the chart. */
const mostTotals = 9

/** @param chart the column whose first and last values are asked for @throws Refusal */
export async function readTotals(
  api: Api,
  entry: ReadModelEntry,
  view: View,
  chart: ColumnEntry | undefined,
): Promise<Totals> {
  const shown = shownColumns(entry, view.columns)
  const amounts = amountColumns(entry)
    .filter((column) => shown.includes(column))
    .slice(0, mostTotals)
  const sums = amounts.flatMap(({ name }) => [
    [`sum ${name}`, { sum: name }],
    [`average ${name}`, { avg: name }],
  ])
  const ends = chart
    ? [
        ['first', { min: chart.name }],
        ['last', { max: chart.name }],
      ]
    : []
  const aggregates = Object.fromEntries([...sums, ...ends])
  const { groups, approximate } = await api.summarize(entry.name, {
    ...commonTerms(view, entry),
    ...(Object.keys(aggregates).length > 0 && { aggregates }),
  })
  const [{ count, aggregates: numbers = {} }] = groups as unknown as [Whole]
  const { first, last } = numbers
  return {
    count,
    sums: new Map(
      amounts.map(({ name }) => [
        name,
        { sum: numbers[`sum ${name}`] ?? null, average: numbers[`average ${name}`] ?? null },
      ]),
    ),
    span: typeof first === 'string' && typeof last === 'string' ? { first, last } : undefined,
    approximate,
  }
}

interface Whole {
  count: number
  aggregates?: Record<string, string | number | null>
}
