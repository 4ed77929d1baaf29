import type pg from 'pg'
import type { Column, Definition } from './definition.ts'
import type { Row } from './encoding.ts'
import type { PageEnd } from './feed/page.ts'
import type { Build, BuildOptions } from './generation/build.ts'
import type { Lease } from './lease.ts'
import type { Changes } from './net-change/operations.ts'
import type { Reader } from './query/reader.ts'
import type { Condition } from './query/where.ts'
import type { ReadModel } from './read-model.ts'
import type { BuildSettings, Generation } from './schema/generations.ts'
import type { Snapshot } from './snapshot.ts'

/** What a store can do. The conformance suite registers its tests by these facts. */
export interface Features {
  /** Whether requests may carry `text`. */
  readonly fullText: boolean
  /** Whether rows and cursor change in one transaction, so that readers see what was applied at once. */
  readonly transactional: boolean
  /** Whether its rows are read in SQL too, under separate names (`facade.ts`). */
  readonly namedInSql: boolean
}

/** All that a materializer needs to know of its target. */
export interface TargetContext {
  /** `order_summary@table` */
  target: string
  name: string
  model: ReadModel
  definition: Definition
  /** When the read model was last attached, as of this definition. */
  attachedAt?: string | undefined
  /** The schema of the serving names. */
  schema: string
  /** The connection string of PostgreSQL, for separate connections. */
  databaseUrl: string
  /** For short statements: definitions, generations, status. */
  pool: pg.Pool
}

/** What a target lacks before it can be used: `ready` is nothing. */
export type Prepared =
  | { state: 'ready'; generation: Generation }
  /** There is no generation, or the serving one is unusable: a rebuild is needed. */
  | { state: 'unfit'; reason: string }

/**
 * Applies to a generation that was built, and that nobody reads yet, what has been committed since its snapshot. Nothing
 * is opened before the first event is wanted.
 */
export interface CatchUp {
  /** Until little is left. @throws HANDLER_FAILED, and what the materializer throws */
  nearly(): Promise<void>
  /** All that is visible now. @returns how many events that was */
  wholly(): Promise<number>
  /** Leaves the generation to others; the next events that are wanted take it back. */
  close(): Promise<void>
}

/** What came of a page. */
export type Applied =
  | {
      kind: 'applied'
      /** Rows (documents) written and removed. */
      written: number
      /** True if keys were recomputed, so that `lease.rowSnapshots` has changed. */
      recomputed: boolean
      /** The snapshot of the last window behind whose end the cursor will never go back; undefined if it is not known. */
      passed: Snapshot | undefined
    }
  /** The epoch or the cursor's version has moved on: nothing was applied. */
  | { kind: 'lost' }

/** What came of a refresh; `skipped` if another one was running. */
export interface Refreshed {
  outcome: 'refreshed' | 'skipped'
  milliseconds: number
  /** The snapshot that the target reflects now, as PostgreSQL writes it. */
  snapshot: string | undefined
  rows: number | undefined
}

/** What the engine reports about the storage of a target. */
export interface StorageStatus {
  /** The relation or index that serves. */
  storage: string | undefined
  /** Estimated if the engine estimates; undefined before the first build. */
  rows: number | undefined
  sizeBytes: number | undefined
  /** Tombstones of removed rows, of a store that keeps them until it is built again. */
  tombstones?: number
  /** Whether `rows` is an estimate of the engine, and was not counted. */
  estimated?: boolean
  problem?: StorageProblem | undefined
}

/** What keeps readers from the rows, or their consumer from writing them, although the engine answers. */
export interface StorageProblem {
  verdict: 'red' | 'yellow'
  /** What it is, and what to do. */
  reason: string
}

/** What is kept of one key, and which events it reflects. */
export interface Kept {
  /** Undefined if the row is missing or was removed. */
  row: Row | undefined
  /** The ordinal of the last event that it is known to reflect; 0 if nothing is known. */
  ordinal: number
  /** The snapshot at which it was recomputed, as long as that has to be remembered. */
  snapshot: Snapshot | undefined
}

/** Takes rows value by value, each as PostgreSQL writes it. */
export interface ValueSink {
  /** No value. */
  none(): void
  /** The bytes from `start` to `end` of a larger buffer, which are not kept. */
  bytes(source: Buffer, start: number, end: number): void
  /** The same of a text that has been decoded. */
  text(value: string): void
  /** A value that is not in its canonical form. */
  unlike(): void
  /** All values of a row were given. @param row the whole row, for as long as this call lasts */
  endOfRow(row: () => Row): void
}

/** The rows of a store outside of PostgreSQL as they were at one moment, however it is written meanwhile. */
export interface FrozenRows {
  /**
   * Gives all rows, in whatever order is the quickest. Only of a store that has one which is quicker than that of the key.
   *
   * @param columns of which the sink takes values
   */
  scan?(columns: readonly Column[], sink: ValueSink, signal?: AbortSignal): Promise<void>
  /**
   * Gives the rows that fulfil conditions, in whatever order is the quickest: some of them before each turn. It ends only if
   * all were given.
   *
   * @throws QUERY_UNSUPPORTED at once
   */
  select?(conditions: readonly Condition[], columns: readonly Column[], sink: ValueSink): AsyncIterable<void>
  /** Some rows in the order of the key. @param after the row behind which they begin */
  rows(limit: number, after: Row | undefined): Promise<Row[]>
  /** Some rows at random, each with its key columns at least: where samples begin. */
  someRows(count: number): Promise<Row[]>
  /** What is kept of some keys, given and returned by key text. */
  kept(keys: readonly string[]): Promise<Map<string, Kept>>
  /** Gives its connection back. */
  close(): Promise<void>
}

/** How rows are kept: where they are, how they are built and read. It says nothing of what keeps them current. */
export interface Store extends Reader {
  readonly context: TargetContext
  readonly features: Features
  /** Those of its settings that only a rebuild changes, with their defaults, as JSON. */
  readonly settings: BuildSettings

  /**
   * Compares the storage with the definition. Changes nothing, except that names (facade view, alias) which a crash left
   * behind are put right.
   *
   * @throws DEFINITION_DRIFT, SEARCH_UNREACHABLE
   */
  prepare(): Promise<Prepared>

  /** The steps of building its next generation, for `rebuild.ts`. */
  build(options: BuildOptions): Build

  /**
   * Drops the storage of a generation that does not serve.
   *
   * @returns false if it is still in use: the next call tries again
   */
  drop(client: pg.ClientBase, storage: string): Promise<boolean>

  /** Lets readers see all that was applied; only of a store that shows it later by itself. */
  makeSearchable?(): Promise<void>

  /**
   * Looks for rows that were lost in the storage of a generation: it is asked when a lease is taken, and again while no
   * event comes. Only of a store outside of PostgreSQL.
   *
   * @returns why a rebuild is needed
   */
  damage?(generation: Generation): Promise<string | undefined>

  /**
   * Looks for what the storage of a generation keeps beside its rows and cannot give up. Only of a store that has such things.
   *
   * @returns why it should be built again, beside the one that serves
   */
  excess?(generation: Generation): Promise<string | undefined>

  /**
   * The rows of a generation as they are now, at least all that was applied before the call. Only of a store outside of
   * PostgreSQL: those inside are read in the transaction that reads the definition.
   */
  freeze?(generation: Generation): Promise<FrozenRows>

  /**
   * Makes the storages of its names this database's. Only of a store that databases may share by mistake.
   *
   * @returns those that were another database's, or nobody's
   */
  adopt?(): Promise<string[]>

  /**
   * What the engine reports about the storage that serves.
   *
   * @param pool on which PostgreSQL is asked; default that of the context
   */
  status(pool?: pg.Pool): Promise<StorageStatus>
  /** Closes its connections. */
  close(): Promise<void>
}

/** Kept current by the events of the outbox: a consumer takes the lease and applies page after page. */
export interface FedByEvents {
  readonly fedBy: 'events'
  /**
   * Shortest time between the beginnings of two pages that are not full, in milliseconds, if each page has a fixed cost
   * however small it is. Default none.
   */
  readonly pace?: number

  /**
   * Compares the storage with the cursor of a lease that was just taken. A storage outside of PostgreSQL may be behind,
   * ahead or of another history.
   *
   * @returns why a rebuild is needed, or undefined if pages may be applied
   */
  begin(lease: Lease, client: pg.ClientBase): Promise<string | undefined>

  /**
   * Keeps the consumer that had a lease before from beginning another page, which PostgreSQL would refuse but readers would
   * see: only of a store outside of PostgreSQL. A page under way may still be written, of events before this call.
   *
   * @param lease that was just taken
   * @param client the connection that took it
   * @throws LEASE_LOST
   */
  fence?: ((lease: Lease, client: pg.ClientBase) => Promise<void>) | undefined

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
}

/** Looks at the rows of a generation, in the REPEATABLE READ transaction of `client`. */
export type Inspect = (client: pg.ClientBase, generation: Generation) => Promise<void>

/** Kept current by running the whole definition again, when its schedule says so. */
export interface FedBySchedule {
  readonly fedBy: 'schedule'
  /**
   * @param options.inspect looks at the new rows within the transaction of the refresh, before readers see them
   * @param options.waited milliseconds since it was asked for, for the history
   * @param options.attempt how often it is tried, for the history; default 1
   * @throws TARGET_DETACHED, REFRESH_FAILED, KEY_INVALID, DATABASE_STANDBY
   */
  refresh(options?: {
    cause?: 'schedule' | 'manual'
    signal?: AbortSignal
    inspect?: Inspect
    waited?: number
    attempt?: number
  }): Promise<Refreshed>
}

/**
 * One way to keep a read model: a store and what feeds it. They are independent, so nobody concludes the one from the
 * other: code outside asks `features` for the store and `fedBy` for the feed.
 */
export type Materializer = EventFed | Scheduled
/** A store that a consumer keeps current, event by event. */
export type EventFed = Store & FedByEvents
/** A store that is kept current by refreshes. */
export type Scheduled = Store & FedBySchedule
