import type { ColumnEntry, ReadModelEntry } from '@trifold/http'
import type { Api } from '../api.ts'
import { columnNamed, isInstant, timeColumns } from '../columns.ts'
import type { Interval } from '../view/measure.ts'
import type { View } from '../view.ts'
import { bucketsBetween, endOf, startOf } from './calendar.ts'
import { commonTerms } from './request.ts'
import type { Totals } from './totals.ts'

/** How many rows each part of the calendar has. */
export interface Histogram {
  column: ColumnEntry
  interval: Interval
  bars: Bar[]
}

export interface Bar {
  /** The first and the last day. */
  first: string
  last: string
  count: number
}

/** The column of days of the chart: the one that was chosen, else the first. */
export const chartColumn = (entry: ReadModelEntry, { chart }: View): ColumnEntry | undefined =>
  chart === undefined ? timeColumns(entry)[0] : columnNamed(entry, chart)

/** The most bars that the shorter intervals may have. */
const limits: readonly [Interval, number, number][] = [
  ['day', 1, 62],
  ['week', 7, 62],
  ['month', 30.4, 72],
  ['quarter', 91.3, 60],
]

/** The bars of the days that a view finds; undefined if it finds none. @throws Refusal */
export async function readHistogram(
  api: Api,
  entry: ReadModelEntry,
  view: View,
  column: ColumnEntry,
  { span }: Totals,
): Promise<Histogram | undefined> {
  if (!span) return undefined
  const [first, last] = [dayOf(span.first, column, entry.timeZone), dayOf(span.last, column, entry.timeZone)]
  if (first === undefined || last === undefined) return undefined
  const interval = intervalFor(first, last)
  const { groups } = await api.summarize(entry.name, {
    ...commonTerms(view, entry),
    group: { column: column.name, interval },
    sort: '-group',
    limit: entry.limits.groups,
  })
  const counts = new Map(groups.map(({ group, count }) => [group as string | null, count]))
  const days = bucketsBetween(startOf(first, interval), last, interval)
  return {
    column,
    interval,
    bars: days.map((day) => ({ first: day, last: endOf(day, interval), count: counts.get(day) ?? 0 })),
  }
}

function intervalFor(first: string, last: string): Interval {
  const days = (Date.parse(last) - Date.parse(first)) / 86_400_000
  return limits.find(([, length, most]) => days / length <= most)?.[0] ?? 'year'
}

/** The day of a value in the time zone of the read model; undefined for what no calendar of a browser has. */
function dayOf(value: string, column: ColumnEntry, timeZone: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return undefined
  if (!isInstant(column) || !value.endsWith('Z')) return value.slice(0, 10)
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date(value))
}
