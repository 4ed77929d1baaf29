import { milliseconds } from '../span.ts'
import { TimeZone } from './time-zone.ts'

const day = 86_400_000

/** `2026-11-29`, `2026-11-29 18:00`; with `Z` or an offset it names an instant. */
const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i
const named = /^(today|yesterday)(?:[T ]+(\d{1,2}:\d{2}))?$/i

/**
 * The instant that people mean by `24h` (so long ago), `yesterday 18:00`, `today`, `2026-11-29 18:00` or an ISO time.
 *
 * @param now milliseconds since 1970
 * @param timeZone in which times without an offset are read
 * @returns milliseconds since 1970; undefined if it cannot be read
 */
export function instantOf(text: string, now: number, timeZone: string): number | undefined {
  const given = text.trim()
  const span = milliseconds(given)
  if (span !== undefined) return now - span
  const zone = TimeZone.named(timeZone)
  const [, name, at = '00:00'] = named.exec(given) ?? []
  if (name) {
    const midnight = Math.floor(zone.wallAt(now) / day) * day
    return onWall(zone, midnight - (name.toLowerCase() === 'yesterday' ? day : 0), at)
  }
  const [, onDay, time = '00:00', offset] = date.exec(given) ?? []
  if (!onDay) return undefined
  if (offset) return known(Date.parse(`${onDay}T${time.padStart(5, '0')}${offset.toUpperCase()}`))
  return onWall(zone, Date.parse(`${onDay}T00:00:00Z`), time)
}

/** @param midnight a wall time */
function onWall(zone: TimeZone, midnight: number, time: string): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1_000
  if (Number.isNaN(midnight) || hours > 23 || minutes > 59 || seconds >= 60) return undefined
  return zone.instantOf(midnight + ofDay)
}

const known = (instant: number): number | undefined => (Number.isNaN(instant) ? undefined : instant)
