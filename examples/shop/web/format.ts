const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' })
const whole = new Intl.NumberFormat('en-GB')
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const percent = new Intl.NumberFormat('en-GB', { style: 'percent', signDisplay: 'exceptZero' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })
const minute = 60_000
const hour = 60 * minute

/** How the pages write values; times are in UTC. */
export const format = {
  money: (cents: number): string => pounds.format(cents / 100),
  count: (count: number): string => whole.format(count),
  time: (iso: string): string => dayAndTime.format(new Date(iso)),
  day: (iso: string): string => day.format(new Date(iso)),
  /** @param iso its first day */
  week: (iso: string): string => day.format(new Date(iso)),
  month: (iso: string): string => month.format(new Date(iso)),
  /** How much more it is than before. */
  change(now: number, before: number): string {
    if (before === 0) return now === 0 ? 'no change' : 'new'
    return now === before ? 'no change' : percent.format(now / before - 1)
  },
  /** The time of the day, with the day where it is not today. */
  clock(time: string | Date, now = new Date()): string {
    const [date, today] = [day.format(new Date(time)), day.format(now)]
    return `${date === today ? '' : `${date}, `}${clock.format(new Date(time))}`
  },
  span(ms: number): string {
    if (ms < 1_000) return `${Math.round(ms)} ms`
    if (ms < 2 * minute) return `${(ms / 1_000).toFixed(1)} s`
    return ms < 2 * hour ? `${Math.round(ms / minute)} min` : `${Math.round(ms / hour)} h`
  },
}
