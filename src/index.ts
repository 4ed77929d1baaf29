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
export { drizzleExecutor } from './outbox/adapters/drizzle.ts'
export { knexExecutor } from './outbox/adapters/knex.ts'
export { kyselyExecutor } from './outbox/adapters/kysely.ts'
export { mikroOrmExecutor } from './outbox/adapters/mikro-orm.ts'
export { typeOrmExecutor } from './outbox/adapters/type-orm.ts'
export {
  type CommitToken,
  createOutbox,
  type EventRegistry,
  type EventSchema,
  joinTokens,
  type NewEvent,
  type Outbox,
  type PayloadOf,
} from './outbox.ts'
export type { Bounds, Condition, Find, Found, Read, SortTerm, Summarize, Summary, Where } from './query.ts'
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
  type Span,
  set,
} from './read-model.ts'
export { openTrifold, type ReadModelReader, Toolkit, type Trifold } from './toolkit.ts'
export { startWorker, type Worker, type WorkerOptions } from './worker.ts'
