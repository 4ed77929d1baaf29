import { PageError } from './page-error.ts'

const dayLength = 24 * 60 * 60 * 1_000
const mostDays = 3 * 366

/** Days in UTC, both of which count. */
export interface Period {
  since: string
  until: string
}

/** What a bar stands for: no more of them than a page can show. */
export type Interval = 'day' | 'week' | 'month'

/** The last so many days, of which today is the last. */
export const lastDays = (days: number, today: string): Period => ({ since: shifted(today, 1 - days), until: today })

/** @throws PageError 400 if it ends before it begins, or is longer than three years */
export function checkedPeriod(period: Period): Period {
  const days = lengthOf(period)
  if (days >= 1 && days <= mostDays) return period
  const reason = days < 1 ? `${period.since} is after ${period.until}.` : 'It takes three years at most.'
  throw new PageError(400, 'That is no period', reason)
}

/** The days in front of a period, as many as it has. */
export const periodBefore = (period: Period): Period => ({
  since: shifted(period.since, -lengthOf(period)),
  until: shifted(period.since, -1),
})

export function intervalOf(period: Period): Interval {
  const days = lengthOf(period)
  if (days <= 31) return 'day'
  return days <= 183 ? 'week' : 'month'
}

/** The first days of all intervals of which a period has a part, as Trifold groups days by them. */
export function startsOf(period: Period, interval: Interval): string[] {
  const starts: string[] = []
  for (let start = startOf(period.since, interval); start <= period.until; start = nextStart(start, interval))
    starts.push(start)
  return starts
}

/** Weeks begin on Monday. */
function startOf(day: string, interval: Interval): string {
  if (interval === 'month') return `${day.slice(0, 7)}-01`
  return interval === 'week' ? shifted(day, -((new Date(day).getUTCDay() + 6) % 7)) : day
}

function nextStart(start: string, interval: Interval): string {
  if (interval !== 'month') return shifted(start, interval === 'week' ? 7 : 1)
  return startOf(shifted(start, 31), 'month')
}

const lengthOf = ({ since, until }: Period): number => (Date.parse(until) - Date.parse(since)) / dayLength + 1

const shifted = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayLength).toISOString().slice(0, 10)
