// When a target is refreshed: one union for every kind of schedule, converted where it comes in (configuration, command
// line, row of `trifold.schedules`).
export { type LastStart, nextRun, offsetOf } from './timing/next-run.ts'
export { configuredTiming, readTiming } from './timing/read.ts'
export { shownTiming, type Timing, type TimingInput } from './timing/timing.ts'
