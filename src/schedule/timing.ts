import { createHash } from 'node:crypto'
import { TrifoldError } from '../errors.ts'
import type { Span } from '../read-model.ts'
import { milliseconds } from '../span.ts'

/** When a view is refreshed, as it is configured or tuned: an interval, or a cron pattern in a time zone. */
export interface TimingInput {
  every?: Span | undefined
  pattern?: string | undefined
  tz?: string | undefined
}

/** A checked {@link TimingInput}: `every` in milliseconds. */
export type Timing =
  | { every: number; pattern?: undefined; tz?: undefined }
  | { every?: undefined; pattern: string; tz: string }

const shortestInterval = 100

/**
 * Checks a timing.
 *
 * @returns undefined where neither an interval nor a pattern is given
 * @throws SCHEDULE_INVALID
 */
export async function readTiming(target: string, input: TimingInput): Promise<Timing | undefined> {
  if (input.every !== undefined && input.pattern !== undefined)
    throw invalid(target, 'has `every` and `pattern`; keep one')
  if (input.tz !== undefined && input.pattern === undefined)
    throw invalid(target, 'has `tz` without `pattern`; add a pattern')
  if (input.every !== undefined) return { every: readInterval(target, input.every) }
  if (input.pattern === undefined) return undefined
  const timing = { pattern: input.pattern.trim(), tz: input.tz ?? 'UTC' }
  checkTimeZone(target, timing.tz)
  await checkPattern(target, timing)
  return timing
}

/**
 * Targets with the same interval are spread over it, so that they do not all run at once: each has its own place, the
 * same in every process.
 */
export function offsetOf(target: string, every: number): number {
  const hash = createHash('sha256').update(target).digest().readUInt32BE(0)
  return Math.max(1, hash % every)
}

/** The next time at or after `now` (milliseconds since 1970) at which the target is due. */
export async function nextRun(target: string, timing: Timing, now: number): Promise<number | undefined> {
  if (timing.every === undefined) return nextOfPattern(timing, now)
  const slot = Math.floor(now / timing.every) * timing.every + offsetOf(target, timing.every)
  return slot >= now ? slot : slot + timing.every
}

function readInterval(target: string, every: Span): number {
  const interval = milliseconds(every)
  if (interval !== undefined && interval >= shortestInterval) return Math.round(interval)
  throw invalid(
    target,
    `has the interval ${JSON.stringify(every)}; write a span such as "30s" or "5m", at least ${shortestInterval} ms`,
  )
}

function checkTimeZone(target: string, tz: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz })
  } catch {
    throw invalid(target, `has the unknown time zone ${JSON.stringify(tz)}; write one such as "Europe/Berlin"`)
  }
}

async function checkPattern(target: string, timing: { pattern: string; tz: string }): Promise<void> {
  const advice = 'write five fields (minute hour day month weekday), or six with seconds first'
  const fields = timing.pattern.split(/\s+/).length
  if (fields !== 5 && fields !== 6) {
    throw invalid(target, `has the cron pattern ${JSON.stringify(timing.pattern)} of ${fields} fields; ${advice}`)
  }
  const next = await nextOfPattern(timing, Date.now()).catch((cause: Error) => {
    throw invalid(target, `has the cron pattern ${JSON.stringify(timing.pattern)} (${cause.message}); ${advice}`, cause)
  })
  if (next === undefined)
    throw invalid(target, `has the cron pattern ${JSON.stringify(timing.pattern)}, which never comes`)
}

/** By the parser that the queue itself uses. */
async function nextOfPattern(timing: { pattern: string; tz: string }, now: number): Promise<number | undefined> {
  const { getNextMillis } = await import('bullmq')
  return getNextMillis(now, timing)
}

const invalid = (target: string, what: string, cause?: unknown): TrifoldError =>
  new TrifoldError('SCHEDULE_INVALID', `schedule: ${target} ${what}`, { cause })
