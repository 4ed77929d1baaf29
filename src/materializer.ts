import type pg from 'pg'
import type { Definition } from './definition.ts'
import type { PageEnd } from './feed/page.ts'
import type { Generation } from './generation.ts'
import type { Lease } from './lease.ts'
import type { Changes } from './net-change/operations.ts'
import type { Reader } from './query/reader.ts'
import type { ReadModel } from './read-model.ts'

/** What a materializer can do. The conformance suite registers its tests by these facts, and asserts the refusals. */
export interface Features {
  /** `events`: `apply` moves its cursor. `schedule`: `refresh` runs the definition again. */
  readonly fedBy: 'events' | 'schedule'
  /** Whether requests may carry `text`. */
  readonly fullText: boolean
  /** Whether rows and cursor change in one transaction. */
  readonly transactional: boolean
}

/** All that a materializer needs to know of its target. */
export interface TargetContext {
  /** `order_summary@table` */
  target: string
  name: string
  model: ReadModel
  definition: Definition
  /** The schema of the serving names. */
  schema: string
  /** The connection string of PostgreSQL, for connections of its own. */
  databaseUrl: string
  /** For short statements: definitions, generations, status. */
  pool: pg.Pool
}

/** What a target lacks before it can be used: `ready` is nothing. */
export type Prepared =
  | { state: 'ready'; generation: Generation }
  /** There is no generation, or the one that stands is of no use; a new one is to be filled. */
  | { state: 'unfit'; reason: string }

/** How a generation is filled. */
export interface FillOptions {
  /** Why the generation is built, for its row and the log. */
  reason: string
  /** Called with the rows written so far, and the expected total where it is known. */
  onProgress?: (rows: number, total: number | undefined) => void
  signal?: AbortSignal
  /** Applies to the generation what was committed since, where the one before it has moved on meanwhile. */
  catchUp?: (generation: Generation) => CatchUp
}

/**
 * Applies to a generation that was built, and that nobody reads yet, what has been committed since its snapshot. Nothing
 * is opened before the first event is wanted.
 */
export interface CatchUp {
  /** Until little is left. @throws HANDLER_FAILED, and what the materializer throws */
  nearly(): Promise<void>
  /** All that is visible now. @returns how many events that was */
  wholly(): Promise<number>
  /** Leaves the generation to the consumers. */
  close(): Promise<void>
}

/** What came of a page. */
export type Applied =
  | {
      kind: 'applied'
      /** Rows (documents) written and removed. */
      written: number
      /** True where keys were recomputed, so that `lease.rowSnapshots` has changed. */
      recomputed: boolean
    }
  /** The epoch or the cursor's version has moved on: nothing was applied. */
  | { kind: 'lost' }

/** What came of a refresh; `skipped` where another one was running. */
export interface Refreshed {
  outcome: 'refreshed' | 'skipped'
  milliseconds: number
  /** The snapshot that the target reflects now, as PostgreSQL writes it. */
  snapshot: string | undefined
  rows: number | undefined
}

/** What the engine tells of the storage of a target. */
export interface StorageStatus {
  /** The relation or index that serves. */
  storage: string | undefined
  /** Estimated where the engine estimates; undefined before the first fill. */
  rows: number | undefined
  sizeBytes: number | undefined
}

/**
 * One way to keep a read model. The same doors for all: nobody outside asks which one it is, only what its `features`
 * are. A door that a materializer lacks throws QUERY_UNSUPPORTED and names a target that has it.
 */
export interface Materializer extends Reader {
  readonly context: TargetContext
  readonly features: Features
  /**
   * Shortest time between the beginnings of two pages that are not full, in milliseconds, where a page has a cost of its
   * own however small it is. Default none.
   */
  readonly pace?: number

  /**
   * Compares what stands with the definition. Changes nothing, except that names (facade view, alias) which a crash
   * left behind are put right.
   *
   * @throws DEFINITION_DRIFT, SEARCH_UNREACHABLE
   */
  prepare(): Promise<Prepared>

  /**
   * Compares the storage with the cursor of a lease that was just taken. A target whose storage is outside of PostgreSQL
   * may find it behind, ahead or of another history.
   *
   * @returns why a new generation is to be filled, or undefined where the pass may begin
   */
  begin(lease: Lease, client: pg.ClientBase): Promise<string | undefined>

  /**
   * Builds the next generation from the definition at one snapshot, catches up with the one before, and makes it the
   * serving one. Readers see the generation before until then, and nothing older afterwards.
   *
   * @param lease of the generation that it replaces, where one stands and is fed by events
   */
  fill(options: FillOptions, lease?: Lease): Promise<Generation>

  /**
   * Applies one page and moves the cursor of `lease` behind it: wholly, or not at all.
   *
   * @param page how far it reaches; its events are in `changes`
   * @param client the connection that took the lease
   */
  apply(page: PageEnd, changes: Changes, lease: Lease, client: pg.ClientBase): Promise<Applied>

  /**
   * May be called with the changes of a page while the one before it is still being applied: what can be made ready without
   * a look at the target is ready then when {@link apply} is called with the same changes.
   */
  planPage?(changes: Changes, lease: Lease, client: pg.ClientBase): void

  /** Runs the definition again (view), or makes what was applied searchable (search). */
  refresh(options?: { cause?: 'schedule' | 'manual'; signal?: AbortSignal }): Promise<Refreshed>

  /** What the engine tells of the storage that serves. */
  status(): Promise<StorageStatus>
  /** Closes its connections. */
  close(): Promise<void>
}
