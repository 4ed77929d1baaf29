import { TrifoldError } from '../errors.ts'
import { milliseconds, type Span } from '../span.ts'
import { nextOfCron } from './cron.ts'
import { isTimeZone } from './time-zone.ts'
import type { CronTiming, Timing, TimingInput } from './timing.ts'

const shortestInterval = 100

/**
 * Checks a timing as users write it.
 *
 * @param target for the messages
 * @returns undefined if neither an interval nor a pattern is given
 * @throws SCHEDULE_INVALID
 */
export async function readTiming(target: string, input: TimingInput): Promise<Timing | undefined> {
  const { every, lag, cron, timeZone } = input
  const [first, second] = Object.entries({ every, lag, cron }).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  )
  if (second) throw invalid(target, `has \`${first}\` and \`${second}\`; keep one`)
  if (timeZone !== undefined && cron === undefined)
    throw invalid(target, 'has `timeZone` without `cron`; add a cron pattern')
  if (every !== undefined) return { kind: 'every', ms: readInterval(target, every) }
  if (lag !== undefined) return { kind: 'lag', ms: readLag(target, lag) }
  if (cron === undefined) return undefined
  const timing: CronTiming = { kind: 'cron', pattern: cron.trim(), timeZone: timeZone ?? 'UTC' }
  checkTimeZone(target, timing.timeZone)
  await checkPattern(target, timing)
  return timing
}

/** The timing that the configuration gives a view. @throws SCHEDULE_INVALID */
export const configuredTiming = (
  target: string,
  { targets }: { targets: { view?: TimingInput } },
): Promise<Timing | undefined> => readTiming(target, targets.view ?? {})

function readInterval(target: string, every: Span): number {
  const interval = milliseconds(every)
  if (interval !== undefined && interval >= shortestInterval) return Math.round(interval)
  throw invalid(
    target,
    `has the interval ${JSON.stringify(every)}; write a span such as "30s" or "5m", at least ${shortestInterval} ms`,
  )
}

function readLag(target: string, lag: Span): number {
  const ms = milliseconds(lag)
  if (ms !== undefined && ms >= 2 * shortestInterval) return Math.round(ms)
  throw invalid(
    target,
    `has the lag ${JSON.stringify(lag)}; write a span such as "30s" or "5m", at least ${2 * shortestInterval} ms`,
  )
}

function checkTimeZone(target: string, timeZone: string): void {
  if (isTimeZone(timeZone)) return
  throw invalid(target, `has the unknown time zone ${JSON.stringify(timeZone)}; write one such as "Europe/Berlin"`)
}

/** What the parser says of days that none of the named months has. */
const noSuchDay = /explicit day of month/

async function checkPattern(target: string, timing: CronTiming): Promise<void> {
  const { pattern } = timing
  const advice = 'write five fields (minute hour day month weekday), or six with seconds first'
  const fields = pattern.split(/\s+/).length
  if (fields !== 5 && fields !== 6) {
    throw invalid(target, `has the cron pattern ${JSON.stringify(pattern)} of ${fields} fields; ${advice}`)
  }
  const next = await nextOfCron(timing, Date.now()).catch((cause: Error) => {
    if (noSuchDay.test(cause.message)) return undefined
    throw invalid(target, `has the cron pattern ${JSON.stringify(pattern)} (${cause.message}); ${advice}`, cause)
  })
  if (next === undefined) throw invalid(target, `has the cron pattern ${JSON.stringify(pattern)}, which never comes`)
}

const invalid = (target: string, what: string, cause?: unknown): TrifoldError =>
  new TrifoldError('SCHEDULE_INVALID', `schedule: ${target} ${what}`, { cause })
