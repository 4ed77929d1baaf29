import { existsSync } from 'node:fs'
import { createJiti } from 'jiti'
import { TrifoldError } from 'trifold/internal/errors'
import type { CommitToken, EventRegistry, Outbox } from 'trifold/internal/outbox'

/** The application's own write transactions, so that a comparison puts the load on the targets that production would. */
export interface Workload<Events extends EventRegistry = EventRegistry> {
  /**
   * Opens whatever the transactions need: an ORM, a pool, ids to choose from.
   *
   * @param outbox append and token through it: that is how the cost of the append is measured
   */
  open(databaseUrl: string, outbox: Outbox<Events>): Promise<OpenWorkload>
  /** For `--grow`: makes the write model's schema in an empty database. */
  prepare?(databaseUrl: string): Promise<unknown>
  /**
   * For `--grow`: fills the write model until the definition has about `size` rows. Events need not be appended.
   *
   * @param options.onProgress called with the rows made so far
   */
  grow?(databaseUrl: string, size: number, options: GrowOptions): Promise<unknown>
}

/** How the write model is filled with generated rows. */
export interface GrowOptions {
  /** Another seed gives other data, the same one the same. */
  seed: number
  /** Told the rows written so far. */
  onProgress: (rows: number) => void
}

/** A workload that is ready to run. */
export interface OpenWorkload {
  /**
   * Runs one write transaction and returns its commit token; undefined if the application refused it by its own rules,
   * which is then no sample. Several run at once.
   */
  transaction(): Promise<CommitToken | undefined>
  /** Called once, after the last transaction. */
  close(): Promise<unknown>
}

/** Gives the compiler the types of a workload. */
export const defineWorkload = <Events extends EventRegistry>(workload: Workload<Events>): Workload<Events> => workload

/** Loads a workload, compiled on the fly if it is TypeScript. @throws COMPARE_WORKLOAD */
export async function loadWorkload(file: string): Promise<Workload> {
  if (!existsSync(file)) throw unusable(file, 'does not exist; correct --workload, or `workload` in the configuration')
  const workload = await createJiti(file, { interopDefault: true })
    .import<Workload>(file, { default: true })
    .catch((cause: Error) => {
      throw unusable(file, `cannot be loaded: ${cause.message}`, cause)
    })
  if (typeof workload?.open === 'function') return workload
  throw unusable(file, 'has no function `open`; export default defineWorkload({ open(databaseUrl, outbox) { … } })')
}

const unusable = (file: string, reason: string, cause?: unknown): TrifoldError =>
  new TrifoldError('COMPARE_WORKLOAD', `compare: the workload ${file} ${reason}`, { cause })
