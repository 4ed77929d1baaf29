import type { ColumnEntry, ReadModelEntry } from '@trifold/http'
import { columnNamed } from '../columns.ts'
import { ViewError } from '../view.ts'

/** What a pivot can compute: how it is asked for, and what it is called. */
export const measures = {
  sum: { asked: (column: string) => ({ sum: column }), label: 'Sum of', use: 'sum' },
  avg: { asked: (column: string) => ({ avg: column }), label: 'Average of', use: 'avg' },
  median: { asked: (column: string) => ({ percentile: column, at: 0.5 }), label: 'Median of', use: 'percentile' },
  min: { asked: (column: string) => ({ min: column }), label: 'Smallest', use: 'min' },
  max: { asked: (column: string) => ({ max: column }), label: 'Largest', use: 'max' },
  distinct: { asked: (column: string) => ({ countDistinct: column }), label: 'Different', use: 'countDistinct' },
} as const

export type MeasureName = keyof typeof measures

/** What is computed of each group; undefined stands for the number of rows. */
export interface Measure {
  name: MeasureName
  column: ColumnEntry
}

/** The measure that `sum:total` means. @throws ViewError */
export function measureOf(entry: ReadModelEntry, show: string | undefined): Measure | undefined {
  if (show === undefined) return undefined
  const [name, column] = halves(show)
  const known = columnNamed(entry, column)
  const isKnown = Object.hasOwn(measures, name)
  if (known && isKnown && known.uses.includes(measures[name as MeasureName].use))
    return { name: name as MeasureName, column: known }
  throw new ViewError(
    `\`show\` of the address is \`${show.slice(0, 60)}\`; it takes ${Object.keys(measures).join(', ')} with a column, as in sum:<column>.`,
  )
}

/** All that can be shown. */
export const possibleMeasures = ({ columns, key }: ReadModelEntry): Measure[] =>
  (Object.keys(measures) as MeasureName[]).flatMap((name) =>
    columns
      .filter((column) => column.uses.includes(measures[name].use))
      .filter((column) => name === 'distinct' || (column.uses.includes('sum') && !key.includes(column.name)))
      .map((column) => ({ name, column })),
  )

export const intervals = ['day', 'week', 'month', 'quarter', 'year'] as const
export type Interval = (typeof intervals)[number]

/** What a pivot groups by. */
export interface Dimension {
  column: ColumnEntry
  interval?: Interval
}

/** The dimension that `country` or `ordered_at:month` means. @throws ViewError */
export function dimensionOf(entry: ReadModelEntry, by: string): Dimension {
  const whole = columnNamed(entry, by)
  if (whole?.uses.includes('group')) return { column: whole }
  const [name, interval] = halves(by, true)
  const column = columnNamed(entry, name)
  const known = intervals.find((one) => one === interval)
  if (column?.uses.includes('interval') && known) return { column, interval: known }
  throw new ViewError(
    `\`by\` of the address is \`${by.slice(0, 60)}\`; it takes a column, or one of days with ${intervals.join(', ')}, as in <column>:month.`,
  )
}

/** All that can be grouped by. */
export const possibleDimensions = (entry: ReadModelEntry): Dimension[] =>
  entry.columns.flatMap((column): Dimension[] => {
    if (column.uses.includes('interval')) return intervals.map((interval) => ({ column, interval }))
    return column.uses.includes('group') ? [{ column }] : []
  })

export const writtenDimension = ({ column, interval }: Dimension): string =>
  interval ? `${column.name}:${interval}` : column.name

export const writtenMeasure = ({ name, column }: Measure): string => `${name}:${column.name}`

function halves(text: string, fromEnd = false): [string, string] {
  const colon = fromEnd ? text.lastIndexOf(':') : text.indexOf(':')
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
}
