/**
 * What the parts say while they run. They take `observe` and know nothing of logs, metrics, traces or displays, which
 * are observers.
 */
export { elapsed } from './observe/elapsed.ts'
export { type Failure, failureOf, refusedInWords } from './observe/failure.ts'
export { guarded } from './observe/guard.ts'
export { type Level, levelOf } from './observe/levels.ts'
export type { Observation, ObservationKind, Observations, Observe } from './observe/observations.ts'
export { reasonOf, shownValue } from './observe/thrown.ts'
