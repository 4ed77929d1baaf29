import { date } from '../../encoding/time.ts'
import type { Encoding, Value } from '../../encoding.ts'
import type { Calendar, PlannedGroup } from '../groups.ts'
import { isClock } from '../groups.ts'
import { queryField } from './fields.ts'

type CalendarTerm = PlannedGroup & { calendar: Calendar }

export const isCalendar = (group: PlannedGroup): group is CalendarTerm => group.calendar !== undefined

/**
 * What the engine groups times by. Its own calendar is quick, and knows days of times from 1970 to 2262 only; a script
 * knows all of them, from the column's exact field.
 */
export function calendarSource(group: CalendarTerm, isScripted: boolean): object {
  const { column, calendar } = group
  if (isScripted || isClock(calendar.interval)) return { terms: { script: scriptOf(group), value_type: 'long' } }
  const zone = calendar.timeZone && { time_zone: calendar.timeZone }
  return {
    date_histogram: { field: column.name, calendar_interval: calendar.interval, format: 'yyyy-MM-dd', ...zone },
  }
}

/** Times that the engine's own calendar does not know: no field of it holds them. */
export const beyondCalendar = ({ column }: PlannedGroup): object => ({
  bool: { filter: [{ exists: { field: queryField(column) } }], must_not: [{ exists: { field: column.name } }] },
})

/** The value of a bucket's key, whichever of them has made it. */
export const calendarValue = (group: CalendarTerm, key: unknown): Value =>
  typeof key === 'string' && /^\d+-/.test(key) ? key : (encodingOf(group).exact?.from(key) as Value)

/** What orders the values of a group. */
export const calendarKey = (group: CalendarTerm, value: Value): bigint =>
  BigInt(encodingOf(group).exact?.of(value) as string | number)

/** Of hours and minutes that of the column, else that of days. */
const encodingOf = ({ column, calendar }: CalendarTerm): Encoding =>
  isClock(calendar.interval) ? column.encoding : date

const scriptOf = ({ column, calendar }: CalendarTerm): object => ({
  lang: 'painless',
  source,
  params: {
    field: queryField(column),
    interval: calendar.interval,
    zone: calendar.timeZone ?? null,
    isDay: column.encoding.pgType === 'date',
    unit: { hour: 3_600_000_000, minute: 60_000_000 }[calendar.interval as string] ?? 0,
  },
})

/** Times are microseconds, and days days, since 2000; infinity has the largest numbers and stays what it is. */
const source = `
long floor(long number, long by) { return number >= 0L ? number / by : -((by - 1L - number) / by); }
def field = doc[params.field];
if (field.size() == 0) return null;
long value = field.value;
if (value >= Long.MAX_VALUE - 1L || value <= Long.MIN_VALUE + 1L) return value;
long offset = 0L;
if (params.zone != null) {
  Instant instant = Instant.ofEpochSecond(floor(value, 1000000L) + 946684800L);
  offset = ZoneId.of(params.zone).getRules().getOffset(instant).getTotalSeconds() * 1000000L;
}
long unit = params.unit;
if (unit > 0L) return floor(value + offset, unit) * unit - offset;
long number = params.isDay ? value : floor(value + offset, 86400000000L);
LocalDate day = LocalDate.ofEpochDay(number + 10957L);
if (params.interval == 'week') day = day.minusDays(day.getDayOfWeek().getValue() - 1);
else if (params.interval == 'month') day = day.withDayOfMonth(1);
else if (params.interval == 'quarter') day = day.withDayOfMonth(1).withMonth((day.getMonthValue() - 1) / 3 * 3 + 1);
else if (params.interval == 'year') day = day.withDayOfYear(1);
return day.toEpochDay() - 10957L;`
