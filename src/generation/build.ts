import type pg from 'pg'
import type { Part } from '../definition/rows.ts'
import type { Generation } from '../schema/generations.ts'
import type { Window } from '../schema/windows.ts'
import type { Snapshot } from '../snapshot.ts'

/** What a build shows: a snapshot, and the last window before it. */
export interface BuildPoint {
  snapshot: Snapshot
  window: Window
}

/** The steps of a copy by key ranges. Each range is read in a short transaction, at its own snapshot. */
export interface RangeBuild {
  /** Makes the empty storage ready for the first range. */
  begin(client: pg.ClientBase, generation: Generation, start: Window): Promise<void>
  /** Copies some rows of the definition, inside a REPEATABLE READ transaction of `client`. */
  copy(client: pg.ClientBase, generation: Generation, part: Part): Promise<CopiedPart>
  /** Completes the storage after the last range. After an interruption it is called again. */
  finish(client: pg.ClientBase, generation: Generation): Promise<void>
  /**
   * What was done to the storage since it was written. Only of a store whose ranges stay when the process ends, so that the
   * next rebuild can go on.
   */
  damage?(client: pg.ClientBase, generation: Generation): Promise<string | undefined>
}

/** What came of a part. */
export interface CopiedPart {
  rows: number
  /** Writes them once the transaction has ended: of a store outside of PostgreSQL. */
  write?(): Promise<void>
}

/** How a build is watched and stopped. */
export interface BuildOptions {
  /** Called with the rows written so far, and the expected total if it is known. */
  onProgress?: ((rows: number, total: number | undefined) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * One build of one generation, as its store does it. `rebuild.ts` calls these in its order and owns everything else:
 * locks, states, the cursor, what readers may see when, and what happens after a failure.
 */
export interface Build {
  /**
   * Opens the connection of the build, with the settings and locks of the store, and runs the build on it.
   *
   * @throws what `work` throws, explained if the store knows more of it
   */
  run<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>
  /** Refuses early what would fail after a long copy. */
  check(client: pg.ClientBase): Promise<void>
  /** Names the storage of generation `number`. */
  storageOf(number: number): string
  /** The greatest number that a storage of the engine has: the database may have forgotten it. Default none. */
  greatestNumber?(): Promise<number>
  /** Creates the storage, empty. */
  create(client: pg.ClientBase, generation: Generation): Promise<void>
  /**
   * Copies the rows of the definition, inside a REPEATABLE READ transaction of `client` at `point`. State and cursor of
   * the generation commit with it.
   *
   * @returns how many rows, if they were counted
   */
  copy(client: pg.ClientBase, generation: Generation, point: BuildPoint): Promise<number | undefined>
  /** Copies range by range instead, if the definition can be read so; only of a store that can. */
  ranges?: RangeBuild
  /** Tells the storage from another of the same name: kept with the generation. Default none. */
  identityOf?(generation: Generation): Promise<string>
  /** Lets those who read the storage see what has been written: after the copy, and after the last events. */
  makeReadable?(generation: Generation): Promise<void>
  /**
   * Points the names of the target at the storage.
   *
   * @param commit makes the generation the serving one; it is called inside a transaction of `client`. The names must
   * not show the storage after it has failed.
   */
  publish(client: pg.ClientBase, generation: Generation, commit: () => Promise<void>): Promise<void>
}
