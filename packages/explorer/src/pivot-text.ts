import { labelOf } from './columns.ts'
import { partText } from './format.ts'
import type { Group } from './reading/pivot.ts'
import { type Dimension, type Measure, measures } from './view/measure.ts'

/** What is shown of each group. */
export const measureLabel = (measure: Measure | undefined): string =>
  measure ? `${measures[measure.name].label} ${labelOf(measure.column.name)}` : 'Number of rows'

/** What groups are of. */
export const dimensionLabel = ({ column, interval }: Dimension): string =>
  interval ? `${labelOf(column.name)}, ${interval}` : labelOf(column.name)

/** The name of a group. */
export function groupText({ value }: Group, { interval }: Dimension): string {
  if (value === null) return 'no value'
  if (interval) return partText(String(value), interval)
  if (value === '') return 'empty text'
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}
