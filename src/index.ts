/**
 * The library: configuration, outbox, readers, and what the command line does, as functions.
 *
 * @module trifold
 */

export {
  defineConfig,
  loadConfig,
  type ReadModelRows,
  type RowOf,
  resolveConfig,
  type TrifoldConfig,
} from './config.ts'
export type { Row, Value } from './encoding.ts'
export { type ErrorCode, errorCatalogue, isTrifoldError, TrifoldError } from './errors.ts'
export type { Executor } from './executor.ts'
export { migrate } from './migrate.ts'
export {
  type Failure,
  type Level,
  levelOf,
  type Observation,
  type ObservationKind,
  type Observations,
  type Observe,
} from './observe.ts'
export { type Agreement, agree, agrees } from './operator/agree.ts'
export { describeObservation } from './operator/describe.ts'
export { type DoctorReport, doctor } from './operator/doctor.ts'
export { fill } from './operator/fill.ts'
export { refresh } from './operator/refresh.ts'
export { type Removal, removeTarget } from './operator/remove-target.ts'
export { schedules, tuneSchedule } from './operator/schedules.ts'
export { type Status, status } from './operator/status.ts'
export {
  type CommitToken,
  createOutbox,
  drizzleExecutor,
  type EventRegistry,
  type EventSchema,
  joinTokens,
  knexExecutor,
  kyselyExecutor,
  mikroOrmExecutor,
  type NewEvent,
  type Outbox,
  type PayloadOf,
  prismaExecutor,
  typeOrmExecutor,
} from './outbox.ts'
export type {
  Bounds,
  Condition,
  Find,
  Found,
  Fragment,
  FullText,
  Highlights,
  Read,
  SortTerm,
  Summarize,
  Summary,
  Where,
} from './query.ts'
export {
  fold,
  type Handlers,
  type Key,
  type Operation,
  patch,
  type ReadModel,
  readModel,
  recompute,
  recomputeWhere,
  remove,
  set,
} from './read-model.ts'
export type { Span } from './span.ts'
export type { Timing, TimingInput } from './timing.ts'
export { openTrifold, type ReadableTarget, type ReadModelReader, Toolkit, type Trifold } from './toolkit.ts'
export { startWatchdog } from './worker/watchdog.ts'
export { startWorker, type Worker, type WorkerOptions } from './worker.ts'
