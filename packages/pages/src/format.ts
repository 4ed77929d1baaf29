/** A number with its digits in groups; none of them is lost. Below 10,000 there are none, so a year stays one. */
export function numberText(number: string | number): string {
  const [, sign, whole, rest] = /^(-?)(\d+)(\.\d+)?$/.exec(String(number)) ?? []
  if (whole === undefined) return String(number)
  const grouped = whole.length > 4 ? whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') : whole
  return `${sign === '-' ? '−' : ''}${grouped}${rest ?? ''}`
}

/** A number for the eye: an average with as many digits as tell something. */
export function shortNumber(number: string | number): string {
  const value = Number(number)
  if (!Number.isFinite(value) || Number.isInteger(value) || Math.abs(value) < 0.01) return numberText(number)
  return numberText(value.toFixed(2))
}

/** A number in the room of an axis: 1.2M. */
export const compactNumber = (value: number): string =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value)

/** `2026-01-31 12:00:00` in a time zone; years beyond those of a calendar stay as they are. */
export function instantText(instant: string, timeZone: string): string {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return instant
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(date)
}

/** The time of day alone, with the day if that is not today. */
export function momentText(instant: string, timeZone: string, now = new Date()): string {
  const text = instantText(instant, timeZone)
  const today = instantText(now.toISOString(), timeZone).slice(0, 10)
  return text.startsWith(today) ? text.slice(11) : text
}

/** Milliseconds as people say them. */
export function spanText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  if (milliseconds < 3_600_000) return `${Math.round(milliseconds / 60_000)} min`
  if (milliseconds < 172_800_000) return `${Math.round(milliseconds / 3_600_000)} h`
  return `${Math.round(milliseconds / 86_400_000)} days`
}
