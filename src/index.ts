/**
 * The library: configuration, outbox, readers, and what the command line does, as functions.
 *
 * @module trifold
 */

export {
  defineConfig,
  type InboxSettings,
  loadConfig,
  type OutboxSettings,
  type ReadModelRows,
  type RowOf,
  resolveConfig,
  type TrifoldConfig,
} from './config.ts'
export type { Row, Value } from './encoding.ts'
export { type ErrorCode, errorCatalogue, isTrifoldError, TrifoldError } from './errors.ts'
export type { Executor } from './executor.ts'
export type { ExportFormat, ExportOptions, ExportRequest, RowExport } from './export.ts'
export { inbox } from './inbox.ts'
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
export type { Attached, AttachedTarget, AttachOptions } from './operator/attach.ts'
export type { AuditEntry, AuditOptions } from './operator/audit.ts'
export type { CancelledRefresh } from './operator/cancel-refresh.ts'
export { describeObservation } from './operator/describe.ts'
export type { Dependent, Detached, DetachOptions } from './operator/detach.ts'
export type { DoctorReport, Finding } from './operator/doctor.ts'
export type {
  History,
  HistoryOptions,
  HistoryPart,
  LagHeld,
  PastRun,
  RunSums,
  TargetHistory,
} from './operator/history.ts'
export type { Night, NightFinding, NightOptions, TargetNight } from './operator/night.ts'
export type { OutboxFacts } from './operator/outbox.ts'
export type { ParkedEvent } from './operator/parked.ts'
export type { RebuildPlan, Wanted } from './operator/plan-rebuild.ts'
export type { FitForecast, GrowthKind, RefreshCosts, SchedulePrice } from './operator/price.ts'
export type { RebuildOptions, RebuildReport } from './operator/rebuild.ts'
export type { RefreshReport } from './operator/refresh.ts'
export type { Removal } from './operator/remove-target.ts'
export type { Resumption } from './operator/resume.ts'
export type { Retry } from './operator/retry-parked.ts'
export type { RolledBack } from './operator/rollback.ts'
export type { ScheduleChange, ScheduleThen } from './operator/schedule-changes.ts'
export type { ChangedSchedule, ScheduleEntry, TuneChange } from './operator/schedules.ts'
export type { Cause, CauseKind, Status, TargetStatus, Unread } from './operator/status.ts'
export type { Switched, SwitchOptions, SwitchTo } from './operator/switch.ts'
export type { Verification, VerifyOptions } from './operator/verify.ts'
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
  Age,
  Aggregate,
  Aggregates,
  Bounds,
  CalendarGroup,
  CalendarInterval,
  Chosen,
  Condition,
  Correction,
  Find,
  Found,
  Fragment,
  FullText,
  Grouping,
  GroupSort,
  GroupTerm,
  Highlights,
  NumberBounds,
  NumberRange,
  RangeGroup,
  Read,
  Restriction,
  SortTerm,
  StepGroup,
  Suggest,
  Suggestion,
  Suggestions,
  Summarize,
  Summary,
  Where,
} from './query.ts'
export type { TextColumn } from './read-model/text-column.ts'
export type { TextLanguage } from './read-model/text-language.ts'
export type { Forgiveness, NumberBoost, TextRules } from './read-model/text-rules.ts'
export {
  fold,
  type Handlers,
  type Key,
  type KeyOf,
  type Operation,
  patch,
  type ReadModel,
  readModel,
  recompute,
  recomputeWhere,
  remove,
  set,
} from './read-model.ts'
export type { BuildUnderWay } from './schema/generations.ts'
export type { RunUnderWay } from './schema/runs.ts'
export type { Session } from './schema/sessions.ts'
export type { Span } from './span.ts'
export type { Timing, TimingInput } from './timing.ts'
export type { ReadableTarget } from './toolkit.ts'
export {
  type Admin,
  type OpenOptions,
  openTrifold,
  type ReadModelReader,
  type RequestTo,
  startWorker,
  type Trifold,
  type TrifoldOf,
} from './trifold.ts'
export { startWatchdog } from './worker/watchdog.ts'
export type { Worker, WorkerOptions } from './worker.ts'
