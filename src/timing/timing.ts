import type { Span } from '../span.ts'

/** When a target is refreshed: at an interval, or whenever a cron pattern matches the clock of a time zone. */
export type Timing =
  /** `ms` is at least 100. */
  | { kind: 'every'; ms: number }
  /** `pattern` has five fields, or six with seconds first; `timeZone` is a name such as `Europe/Vienna`. */
  | { kind: 'cron'; pattern: string; timeZone: string }

export type CronTiming = Extract<Timing, { kind: 'cron' }>

/** A timing as users write it. One of `every` and `cron`; neither means no schedule. */
export interface TimingInput {
  /** The interval between two refreshes, at least 100 ms. */
  every?: Span | undefined
  /** A cron pattern (five fields, or six with seconds first), read in the time zone `timeZone`. */
  cron?: string | undefined
  /** A name such as `Europe/Vienna`; default UTC. */
  timeZone?: string | undefined
}

/** `every 30 s`, or `at "0 3 * * *" in Europe/Vienna`. */
export const shownTiming = (timing: Timing): string =>
  timing.kind === 'every' ? `every ${timing.ms / 1_000} s` : `at "${timing.pattern}" in ${timing.timeZone}`
