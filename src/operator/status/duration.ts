import type { PastDuration } from '../../schema/refreshes.ts'
import { shownTiming, type Timing } from '../../timing.ts'
import { inSeconds, inThousands } from '../figures.ts'

/** So much longer than it was is longer. */
const longer = 1.5
/** So many refreshes are compared at each end. */
const few = 3

interface Found {
  kind: 'growth' | 'slow-engine' | 'short-interval'
  sentence: string
}

/**
 * Whether refreshes take longer than they did: with the rows (`growth`), or without (`slow-engine`: another plan, or an engine
 * that has too much to do).
 *
 * @param durations the newest first
 * @param running milliseconds for which one is running now
 */
export function changedDuration(durations: readonly PastDuration[], running?: number): Found | undefined {
  if (durations.length < 2 * few) return undefined
  const [before, now] = [middle(durations.slice(-few)), middle(durations.slice(0, few))]
  const took = Math.max(now.milliseconds, running ?? 0)
  if (took < longer * before.milliseconds) return undefined
  const [from, to] = [inSeconds(before.milliseconds), inSeconds(took)]
  const isLarger = before.rows > 0 && now.rows > 1.2 * before.rows
  if (isLarger)
    return {
      kind: 'growth',
      sentence: `its refreshes have grown from ${from} to ${to} with its rows, from ${inThousands(before.rows)} to ${inThousands(now.rows)}`,
    }
  return {
    kind: 'slow-engine',
    sentence: `its refreshes took ${from} and take ${to} now, with as many rows: PostgreSQL has more to do, or runs the definition by another plan`,
  }
}

/** Whether a refresh takes about as long as the interval, or more than half of the lag. */
export function tooShort(durations: readonly PastDuration[], timing: Timing): Found | undefined {
  if (durations.length === 0 || timing.kind === 'cron') return undefined
  const { milliseconds } = middle(durations)
  const holds = timing.kind === 'lag' ? timing.ms / 2 : timing.ms
  if (milliseconds < 0.8 * holds) return undefined
  return {
    kind: 'short-interval',
    sentence: `its refreshes take ${inSeconds(milliseconds)}, too long for ${shownTiming(timing)}: choose a longer one with \`trifold schedule tune\`, or a target that events keep`,
  }
}

function middle(durations: readonly PastDuration[]): { milliseconds: number; rows: number } {
  const sorted = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
  return {
    milliseconds: sorted(durations.map((one) => one.milliseconds)),
    rows: sorted(durations.map((one) => one.rows ?? 0)),
  }
}
