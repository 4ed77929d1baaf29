const day = 86_400_000

/** `GMT+05:45`, of old times with seconds; `GMT` alone is none. */
const offsetForm = /([+-])(\d\d):(\d\d)(?::(\d\d))?/

/**
 * The clock on the wall of a time zone. A wall time is written as the milliseconds that it would be in UTC: `08:30` on
 * 1970-01-01 is 30,600,000 in every zone. The rules are those of the JavaScript engine (`Intl`).
 */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat

  private static readonly zones = new Map<string, TimeZone>()

  /** @param name such as `Europe/Vienna` */
  static named(name: string): TimeZone {
    const zone = TimeZone.zones.get(name) ?? new TimeZone(name)
    TimeZone.zones.set(name, zone)
    return zone
  }

  private constructor(name: string) {
    this.format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** What the wall shows at an instant. */
  wallAt(instant: number): number {
    return instant + this.offsetAt(instant)
  }

  /** Wall time minus UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number {
    const name = this.format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = 0, minutes = 0, seconds = 0] = offsetForm.exec(name) ?? []
    const length = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
    return sign === '-' ? -length : length
  }

  /**
   * The instant at which the wall first shows a time: of two the earlier one; of a time that the clock skips, the instant
   * at which it skips it. Undefined if the zone has left out the whole day.
   */
  instantOf(wall: number): number | undefined {
    const [before, after] = [this.offsetAt(wall - day), this.offsetAt(wall + day)]
    const shown = [before, after].map((offset) => wall - offset).filter((instant) => this.wallAt(instant) === wall)
    if (shown.length > 0) return Math.min(...shown)
    const change = this.changeBetween(wall - after, wall - before) as number
    return this.leavesOut(dateOf(wall), change) ? undefined : change
  }

  /** The first instant in `(from, until]` at which the offset is another than before; undefined if there is none. */
  changeBetween(from: number, until: number): number | undefined {
    const offset = this.offsetAt(from)
    for (let start = from; start < until; start += day) {
      const end = Math.min(start + day, until)
      if (this.offsetAt(end) !== offset) return this.changeIn(start, end, offset)
    }
    return undefined
  }

  private changeIn(from: number, until: number, offset: number): number {
    let [before, at] = [from, until]
    while (at - before > 1) {
      const middle = Math.floor((before + at) / 2)
      if (this.offsetAt(middle) === offset) before = middle
      else at = middle
    }
    return at
  }

  private leavesOut(date: number, change: number): boolean {
    return dateOf(this.wallAt(change - 1)) < date && date < dateOf(this.wallAt(change))
  }
}

const dateOf = (wall: number): number => Math.floor(wall / day)

/** Whether `Intl` knows a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * The name of a time zone in the case in which the engines know it too; undefined if there is none. `+02:00` is none here:
 * PostgreSQL takes its sign for the opposite.
 */
export function timeZoneNamed(name: string): string | undefined {
  if (!isTimeZone(name) || !/^[a-z]/i.test(name)) return undefined
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
}
