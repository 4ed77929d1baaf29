import type { Span } from '../span.ts'

/** When a target is refreshed: at an interval, so that it is never older than a lag, or by a cron pattern. */
export type Timing =
  /** `ms` is at least 100. */
  | { kind: 'every'; ms: number }
  /** `ms` is at least 200: no reader is to see anything older. */
  | { kind: 'lag'; ms: number }
  /** `pattern` has five fields, or six with seconds first; `timeZone` is a name such as `Europe/Vienna`. */
  | { kind: 'cron'; pattern: string; timeZone: string }

export type CronTiming = Extract<Timing, { kind: 'cron' }>

/** A timing as users write it. One of `every`, `lag` and `cron`; none means no schedule. */
export interface TimingInput {
  /** The interval between two refreshes, at least 100 ms. */
  every?: Span | undefined
  /** The target lag, at least 200 ms: refreshes begin as late as readers still see nothing older. */
  lag?: Span | undefined
  /** A cron pattern (five fields, or six with seconds first), read in the time zone `timeZone`. */
  cron?: string | undefined
  /** A name such as `Europe/Vienna`; default UTC. */
  timeZone?: string | undefined
}

/** `every 30 s`, `within a lag of 30 s`, or `at "0 3 * * *" in Europe/Vienna`. */
export function shownTiming(timing: Timing): string {
  if (timing.kind === 'cron') return `at "${timing.pattern}" in ${timing.timeZone}`
  return `${timing.kind === 'every' ? 'every' : 'within a lag of'} ${timing.ms / 1_000} s`
}
