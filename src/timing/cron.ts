import type { CronExpression } from 'cron-parser'
import { TimeZone } from './time-zone.ts'
import type { CronTiming } from './timing.ts'

/**
 * The next instant at or after `now` (milliseconds since 1970) at which a pattern is due; undefined if it never is.
 *
 * The parser only reads the pattern and matches it in UTC; the changes of the clock are judged here, because it leaves out a
 * day whose midnight is skipped. A pattern of set hours names times of a day: each comes once, the first time that the wall
 * shows it, or when the clock skips it. A pattern of every hour is an interval: it comes whenever the wall matches, in both
 * passes of a doubled hour, and not in a skipped one.
 *
 * @throws the parser's error if it cannot read the pattern
 */
export async function nextOfCron({ pattern, timeZone }: CronTiming, now: number): Promise<number | undefined> {
  const { CronExpressionParser } = await import('cron-parser')
  const zone = TimeZone.named(timeZone)
  const after = (wall: number): CronExpression =>
    CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate: new Date(wall), hashSeed: pattern })
  const isEveryHour = after(now).fields.hour.values.length === 24
  return isEveryHour ? nextMatch(zone, after, now) : nextTimeOfDay(zone, after(zone.wallAt(now - 1)), now)
}

/** A time that the clock skips at `now` is not shown any more, so the search begins with what was shown before. */
function nextTimeOfDay(zone: TimeZone, walls: CronExpression, now: number): number | undefined {
  for (;;) {
    const wall = nextWall(walls)
    if (wall === undefined) return undefined
    const instant = zone.instantOf(wall)
    if (instant !== undefined && instant >= now) return instant
  }
}

function nextMatch(zone: TimeZone, after: (wall: number) => CronExpression, now: number): number | undefined {
  for (let from = now; ; ) {
    const offset = zone.offsetAt(from)
    const wall = nextWall(after(from + offset - 1))
    if (wall === undefined) return undefined
    const change = zone.changeBetween(from, wall - offset)
    if (change === undefined) return wall - offset
    from = change
  }
}

/** The parser throws at the end of its search, years ahead. */
function nextWall(walls: CronExpression): number | undefined {
  try {
    return walls.next().getTime()
  } catch {
    return undefined
  }
}
