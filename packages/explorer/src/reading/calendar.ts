import type { Interval } from '../view/measure.ts'

const length = 86_400_000

/** The most parts of the calendar that a chart shows. */
const mostBuckets = 400

/** The first day of the part of the calendar in which a day lies. Weeks begin on Monday. */
export function startOf(day: string, interval: Interval): string {
  const date = new Date(`${day}T00:00:00Z`)
  if (interval === 'week') date.setTime(date.getTime() - ((date.getUTCDay() + 6) % 7) * length)
  if (interval === 'month') date.setUTCDate(1)
  if (interval === 'quarter') date.setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3, 1)
  if (interval === 'year') date.setUTCMonth(0, 1)
  return written(date)
}

/** The first day of the next one. */
function after(start: string, interval: Interval): string {
  const date = new Date(`${start}T00:00:00Z`)
  if (interval === 'day') date.setUTCDate(date.getUTCDate() + 1)
  if (interval === 'week') date.setUTCDate(date.getUTCDate() + 7)
  if (interval === 'month') date.setUTCMonth(date.getUTCMonth() + 1)
  if (interval === 'quarter') date.setUTCMonth(date.getUTCMonth() + 3)
  if (interval === 'year') date.setUTCFullYear(date.getUTCFullYear() + 1)
  return written(date)
}

/** Its last day. */
export const endOf = (start: string, interval: Interval): string =>
  written(new Date(Date.parse(after(start, interval)) - length))

/** The first days of all parts of the calendar from one to that of the last day, the last ones if there are too many. */
export function bucketsBetween(start: string, last: string, interval: Interval): string[] {
  const days: string[] = []
  for (let day = start; day <= last; day = after(day, interval)) days.push(day)
  return days.slice(-mostBuckets)
}

const written = (date: Date): string => date.toISOString().slice(0, 10)
