import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { canonicalValue } from './conditions.ts'
import { invalidQuery } from './invalid.ts'
import { shown } from './parts.ts'

export const mostBounds = 100

/** The bounds of ranges of a column's numbers, checked, in ascending order. @throws QUERY_INVALID */
export function boundsOf(column: Column, asked: unknown): Value[] {
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > mostBounds)
    throw invalidQuery(
      `\`ranges\` takes a list of 1 to ${mostBounds} numbers, such as [10, 50, 100], not ${Array.isArray(asked) ? `one of ${asked.length}` : shown(asked)}`,
    )
  const bounds = Array.from(asked, (one) => boundOf(column, one))
  const turned = bounds.findIndex((bound, place) => place > 0 && !isBelow(column, bounds[place - 1] as Value, bound))
  if (turned < 0) return bounds
  throw invalidQuery(
    `\`ranges\` of ${column.name} takes ascending numbers, and ${bounds[turned]} comes behind ${bounds[turned - 1]}`,
    { column: column.name },
  )
}

/** The width of ranges that are equally wide, checked. @throws QUERY_INVALID */
export function stepOf(column: Column, asked: unknown): Value {
  const step = canonicalValue(column, asked)
  if (Number(step) > 0) return step
  throw invalidQuery(`\`step\` of ${column.name} takes a number above 0, not ${shown(asked)}`, { column: column.name })
}

/** The range behind so many bounds: its lower one belongs to it, its upper one to the next. */
export const rangeBehind = (bounds: readonly Value[], place: number): Value =>
  ({ from: bounds[place - 1] ?? null, to: bounds[place] ?? null }) as Value

/** One for all values that PostgreSQL holds equal. */
export function boundOf(column: Column, asked: unknown): Value {
  const { representative } = column.encoding
  const value = canonicalValue(column, asked)
  return representative ? representative(value) : value
}

/** A double tells the numbers apart of which an index has no second field. */
function isBelow({ encoding: { exact } }: Column, bound: Value, next: Value): boolean {
  return exact ? exact.of(bound) < exact.of(next) : Number(bound) < Number(next)
}
