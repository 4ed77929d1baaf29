import type { Column, Definition } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { timeZoneNamed } from '../timing/time-zone.ts'
import { columnFor } from './columns.ts'
import { invalidQuery } from './invalid.ts'
import { partsOf, shown } from './parts.ts'
import { boundsOf, stepOf } from './ranges.ts'
import type { CalendarInterval } from './summary.ts'

/** One checked term of a grouping. */
export interface PlannedGroup {
  /** May be an array: then its elements are meant. */
  column: Column
  calendar?: Calendar
  /** The bounds between ranges of numbers, ascending. */
  ranges?: Value[]
  /** The width of ranges whose bounds depend on the rows. */
  step?: Value
}

/** The parts of the calendar in which times lie. */
export interface Calendar {
  interval: CalendarInterval
  /** Of instants only. */
  timeZone: string | undefined
}

const mostGroups = 5
const days = ['day', 'week', 'month', 'quarter', 'year'] satisfies CalendarInterval[]
const clock = ['minute', 'hour'] satisfies CalendarInterval[]
const intervals: readonly string[] = [...clock, ...days]
const members = ['column', 'interval', 'timeZone', 'ranges', 'step']

/** Whether a part is shorter than a day: then its value is a time, else a day. */
export const isClock = (interval: CalendarInterval): boolean => (clock as readonly string[]).includes(interval)

/** What a summary groups by, if anything, and whether it was given as a list. @throws QUERY_INVALID */
export function groupsOf(definition: Definition, group: unknown): { groups: PlannedGroup[]; isList: boolean } {
  if (group === undefined) return { groups: [], isList: false }
  if (!Array.isArray(group)) return { groups: [groupOf(definition, group)], isList: false }
  if (group.length === 0 || group.length > mostGroups)
    throw invalidQuery(`\`group\` takes a term or a list of 1 to ${mostGroups}, not a list of ${group.length}`)
  const groups = [...group].map((one) => groupOf(definition, one))
  const names = groups.map(({ column, ...parts }) => JSON.stringify([column.name, parts]))
  const twice = groups.find((_, place) => names.indexOf(names[place] as string) !== place)
  if (twice) throw invalidQuery(`\`group\` names ${twice.column.name} twice; keep one of them`)
  return { groups, isList: true }
}

function groupOf(definition: Definition, given: unknown): PlannedGroup {
  if (typeof given !== 'object' || given === null) return { column: columnFor('group', definition, given) }
  const parts = partsOf('`group`', given)
  const { column: name, interval, timeZone, ranges, step } = parts
  const other = Object.keys(parts).find((part) => !members.includes(part))
  if (other !== undefined) throw invalidQuery(`\`group\` has no ${shown(other)}; it takes ${members.join(', ')}`)
  const ofNumbers = ['ranges', 'step'].filter((part) => part in parts)
  if (ofNumbers.length > 1 || (ofNumbers.length === 1 && ('interval' in parts || 'timeZone' in parts)))
    throw invalidQuery('`group` takes `ranges` or a `step` of numbers, or an `interval` of days, and one of them only')
  if (ofNumbers.length === 1) {
    const column = columnFor('ranges', definition, name)
    return 'step' in parts ? { column, step: stepOf(column, step) } : { column, ranges: boundsOf(column, ranges) }
  }
  if (typeof interval !== 'string' || !intervals.includes(interval))
    throw invalidQuery(`\`group\` takes as \`interval\` one of ${intervals.join(', ')}, not ${shown(interval)}`)
  const column = columnFor('interval', definition, name)
  if (isClock(interval as CalendarInterval) && column.encoding.pgType === 'date')
    throw invalidQuery(
      `\`group\` cannot divide ${column.name} (date) into ${interval}s; take one of ${days.join(', ')}`,
    )
  // A zone that got lost must not become another one.
  if ('timeZone' in parts && timeZone === undefined)
    throw invalidQuery('`timeZone` of a group is undefined; leave it out to take that of the read model')
  const zone = zoneOf(definition, column, timeZone)
  return { column, calendar: { interval: interval as CalendarInterval, timeZone: zone } }
}

function zoneOf(definition: Definition, column: Column, asked: unknown): string | undefined {
  const isInstant = column.encoding.pgType === 'timestamptz'
  if (asked === undefined) return isInstant ? timeZoneNamed(definition.timeZone) : undefined
  if (!isInstant)
    throw invalidQuery(`\`group\` takes \`timeZone\` for instants, and ${column.name} is a ${column.encoding.pgType}`)
  const zone = typeof asked === 'string' ? timeZoneNamed(asked) : undefined
  if (zone) return zone
  throw invalidQuery(`\`group\` does not know the time zone ${shown(asked)}; write one such as "Europe/Vienna"`)
}
