import type { ReadModelEntry } from '@trifold/http'
import type { Summary } from 'trifold'
import type { Api, Asked } from '../api.ts'
import { type Dimension, dimensionOf, type Measure, measureOf, measures } from '../view/measure.ts'
import type { View } from '../view.ts'
import { commonTerms } from './request.ts'

/** Groups of rows with a number each. */
export interface Pivot {
  dimensions: Dimension[]
  measure: Measure | undefined
  /** The groups of the first dimension, which the rows of the table are. */
  rows: Group[]
  /** Those of the second, if there is one. */
  columns: Group[]
  /** The number of a row and a column, by their places. */
  cells: (Amount | undefined)[][]
  /** The number of all rows together. */
  whole: Group
  /** Whether there are more groups than are shown. */
  more: boolean
  approximate: boolean
  answer: Summary
}

export type Amount = string | number | null

export interface Group {
  value: Amount | boolean
  count: number
  amount: Amount
}

/** How many groups are shown: of values the largest, of a calendar the first parts. */
const rowsShown = { values: 40, parts: 400 }
const columnsShown = { values: 12, parts: 60 }

/** @throws Refusal, ViewError */
export async function readPivot(api: Api, entry: ReadModelEntry, view: View): Promise<Pivot> {
  const dimensions = view.by.map((by) => dimensionOf(entry, by))
  const measure = measureOf(entry, view.show)
  const ask = (terms: Asked) =>
    api.summarize(entry.name, {
      ...commonTerms(view, entry),
      ...(measure && { aggregates: { amount: measures[measure.name].asked(measure.column.name) } }),
      ...terms,
    })
  const sort = measure ? '-amount' : '-count'
  const [first, second] = dimensions
  const [all, rows, columns, cells] = await Promise.all([
    ask({}),
    first && ask(sideTerms(entry, first, sort, rowsShown)),
    second && ask(sideTerms(entry, second, sort, columnsShown)),
    first && second && ask({ group: [termOf(first), termOf(second)], sort, limit: entry.limits.groups }),
  ])
  const answers = [all, rows, columns, cells].flatMap((one) => one ?? [])
  const [rowGroups, columnGroups] = [groupsOf(rows), groupsOf(columns)]
  return {
    dimensions,
    measure,
    rows: rowGroups,
    columns: columnGroups,
    cells: cellsOf(cells, rowGroups, columnGroups),
    whole: groupsOf(all)[0] as Group,
    more: answers.some(({ more }) => more),
    approximate: answers.some(({ approximate }) => approximate),
    answer: all,
  }
}

/** Parts of the calendar come in their order, and everything else the largest first. */
const sideTerms = (
  { limits }: ReadModelEntry,
  dimension: Dimension,
  sort: string,
  most: { values: number; parts: number },
): Asked => ({
  group: termOf(dimension),
  sort: dimension.interval ? 'group' : sort,
  limit: Math.min(dimension.interval ? most.parts : most.values, limits.groups),
})

const termOf = ({ column, interval }: Dimension): unknown =>
  interval ? { column: column.name, interval } : column.name

interface Answered {
  group: unknown
  count: number
  aggregates?: { amount: Amount }
}

const answered = (summary: Summary | undefined): Answered[] => (summary?.groups ?? []) as unknown as Answered[]

const groupsOf = (summary: Summary | undefined): Group[] =>
  answered(summary).map(({ group, count, aggregates }) => ({
    value: group as Group['value'],
    count,
    amount: aggregates ? aggregates.amount : count,
  }))

function cellsOf(summary: Summary | undefined, rows: Group[], columns: Group[]): (Amount | undefined)[][] {
  const amounts = new Map(
    answered(summary).map(({ group, count, aggregates }) => [
      JSON.stringify(group),
      aggregates ? aggregates.amount : count,
    ]),
  )
  return rows.map((row) => columns.map((column) => amounts.get(JSON.stringify([row.value, column.value]))))
}
