import { isDay as isDayOfCalendar } from '../encoding/calendar.ts'
import { TimeZone } from '../timing/time-zone.ts'

const length = 86_400_000

/**
 * The first instant of a day in a time zone, in UTC as `timestamptz` columns write it. Where a day begins with a leap of
 * the clock, that is the instant of the leap; where its first hour comes twice, the first. A day that a zone left out
 * begins with the day behind it.
 *
 * @param day that exists: `2026-01-01`
 * @param timeZone a name that `Intl` knows: `Europe/Vienna`
 */
export function startOfDay(day: string, timeZone: string): string {
  const zone = TimeZone.named(timeZone)
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const instant = zone.instantOf(midnight) ?? (zone.instantOf(midnight + length) as number)
  return new Date(instant).toISOString().replace('Z', '000Z')
}

/** Whether a value names a day that exists, and no time of it. */
export function isDay(value: unknown): value is string {
  const [year, month, day] = (typeof value === 'string' && form.exec(value)?.slice(1).map(Number)) || []
  return Boolean(year && month && day && isDayOfCalendar(year, month, day))
}

const form = /^(\d{4})-(\d\d)-(\d\d)$/
