const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' })
const whole = new Intl.NumberFormat('en-GB')
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })

/** How the pages write values; times are in UTC. */
export const format = {
  money: (cents: number): string => pounds.format(cents / 100),
  count: (count: number): string => whole.format(count),
  time: (iso: string): string => dayAndTime.format(new Date(iso)),
  day: (iso: string): string => day.format(new Date(iso)),
  clock: (time: string | Date): string => clock.format(new Date(time)),
  span(ms: number): string {
    if (ms < 1_000) return `${Math.round(ms)} ms`
    return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
  },
}
