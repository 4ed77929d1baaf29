import { createHash } from 'node:crypto'
import { nextOfCron } from './cron.ts'
import type { Timing } from './timing.ts'

/**
 * Targets with the same interval are spread over it, so that they do not all run at once: each has its own place, the
 * same in every process.
 *
 * @param every the interval in milliseconds
 */
export function offsetOf(target: string, every: number): number {
  const hash = createHash('sha256').update(target).digest().readUInt32BE(0)
  return Math.max(1, hash % every)
}

/** When a refresh began, in milliseconds since 1970, and how soon after it the next one has to. */
export interface LastStart {
  at: number
  interval: number
}

/**
 * The next time at or after `now` (milliseconds since 1970) at which the target is due; undefined if it never is.
 *
 * @param last of a target lag: the refresh from which it counts; without one it is due at once
 */
export async function nextRun(
  target: string,
  timing: Timing,
  now: number,
  last?: LastStart,
): Promise<number | undefined> {
  if (timing.kind === 'cron') return nextOfCron(timing, now)
  if (timing.kind === 'lag') return last ? Math.max(now, Math.round(last.at + last.interval)) : now
  const slot = Math.floor(now / timing.ms) * timing.ms + offsetOf(target, timing.ms)
  return slot >= now ? slot : slot + timing.ms
}
