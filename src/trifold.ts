import type pg from 'pg'
import { type Kept, type Keys, type RowOf, resolveConfig, type TrifoldConfig } from './config.ts'
import type { ExportOptions, ExportRequest, RowExport } from './export.ts'
import type { EventRegistry, Outbox } from './outbox.ts'
import type { ReadableTarget, Toolkit } from './toolkit.ts'
import { Admin } from './trifold/admin.ts'
import type { ReadModelReader } from './trifold/reader.ts'
import type { Worker, WorkerOptions } from './worker.ts'

export type { Admin } from './trifold/admin.ts'
export type { ReadModelReader, RequestTo } from './trifold/reader.ts'

/** The toolkit as an application has it: it appends, reads, and operates. */
export class Application<Events extends EventRegistry = EventRegistry, T extends Kept = Kept>
  implements Outbox<Events>
{
  readonly append: Outbox<Events>['append']
  readonly token: Outbox<Events>['token']
  /** What an operator does. */
  readonly admin: Admin
  readonly #toolkit: Toolkit<Events>

  constructor(toolkit: Toolkit<Events>) {
    this.#toolkit = toolkit
    this.append = toolkit.append
    this.token = toolkit.token
    this.admin = new Admin(toolkit as unknown as Toolkit)
  }

  /** The names of all configured targets (`order_summary@table`). */
  get targets(): string[] {
    return this.#toolkit.targetNames
  }

  /** The reader of a read model. @throws READ_MODEL_UNKNOWN */
  readModel<Name extends keyof T & string>(name: Name): ReadModelReader<RowOf<Name>, T[Name]> {
    return this.#toolkit.readModel(name) as unknown as ReadModelReader<RowOf<Name>, T[Name]>
  }

  /**
   * Gives all rows of a target at one snapshot, as the bytes of a CSV or NDJSON file, in constant memory. Of a view it is the
   * snapshot of its last refresh, of the other targets that of the call. It is complete or throws.
   *
   * @param name a read model for the target that serves, or a target: `order_summary@search`
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, QUERY_INVALID, QUERY_UNSUPPORTED, EXPORT_IMPOSSIBLE, TARGET_STOPPED,
   * TARGET_DETACHED, and with `after` as `find`
   */
  async export<Name extends keyof T & string>(
    name: Name | `${Name}@${keyof T[Name] & ReadableTarget}`,
    request?: ExportRequest<RowOf<Name>>,
    options?: ExportOptions,
  ): Promise<RowExport> {
    const { openExport } = await import('./export.ts')
    return openExport(this.#toolkit as unknown as Toolkit, name, request as ExportRequest | undefined, options)
  }

  /**
   * A hint that something was committed, for the lowest latency: call it after the commit. It may be lost; the workers
   * poll anyway. Never call it inside the transaction: a NOTIFY there takes a lock that all committing writers share.
   */
  wake(): Promise<void> {
    return this.#toolkit.wake()
  }

  /** Closes every connection that Trifold opened; the application's own are not touched. */
  close(): Promise<void> {
    return this.#toolkit.close()
  }

  /** What is behind an application: for the other rooms of Trifold. */
  static toolkitOf(application: Application<never, never>): Toolkit {
    return application.#toolkit as unknown as Toolkit
  }
}

/** An application with a reader for each read model under its name, unless it has a member of that name. */
export type Trifold<Events extends EventRegistry = EventRegistry, T extends Kept = Kept> = Application<Events, T> & {
  readonly [Name in Exclude<keyof T & string, keyof Application>]: ReadModelReader<RowOf<Name>, T[Name]>
}

/** What `openTrifold` gives for a configuration: `TrifoldOf<typeof config>`. */
export type TrifoldOf<Config> =
  Config extends TrifoldConfig<infer Events, infer _K extends Keys, infer T> ? Trifold<Events, T> : never

/** What an application hands in. */
export interface OpenOptions {
  /**
   * The application's own pool of `pg`, for reads and short statements. Trifold sets its sessions up before each use,
   * gives them their own settings back, and never closes the pool. Rebuilds, refreshes and workers open connections of
   * their own by the configured address.
   */
  pool?: pg.Pool | undefined
}

/**
 * Opens the toolkit: checks the configuration and the database, and describes every definition. Nothing is created and
 * nothing runs yet. A read model whose definition does not compile is broken alone, as is a target without its handlers,
 * its schedule or its address: reads of it say why and try again to open it, everything else works.
 *
 * If the history of the database may have branched (it was failed over, restored or copied) and no worker has begun the
 * next era yet, the process is warned (`TrifoldWarning`, code ERA_MISMATCH): reads with commit tokens are refused until one has.
 *
 * @param config as `defineConfig` gives it; its `root` says where relative paths start
 * @throws CONFIG_INVALID, DATABASE_UNREACHABLE, DATABASE_TOO_OLD, DATABASE_STANDBY, DATABASE_NOT_MIGRATED
 */
export async function openTrifold<Events extends EventRegistry, K extends Keys, T extends Kept>(
  config: TrifoldConfig<Events, K, T>,
  options: OpenOptions = {},
): Promise<Trifold<Events, T>> {
  const { openToolkit } = await import('./toolkit.ts')
  const toolkit = await openToolkit<Events>(resolveConfig(config), options.pool)
  await warnOfBranch(toolkit.pool)
  const application = new Application<Events, T>(toolkit)
  for (const name of Object.keys(toolkit.config.readModels)) {
    if (name in application) continue // such a read model is reached by readModel(name) only
    Object.defineProperty(application, name, { value: toolkit.readModel(name), enumerable: true })
  }
  return application as Trifold<Events, T>
}

async function warnOfBranch(pool: pg.Pool): Promise<void> {
  const { branches } = await import('./freshness.ts')
  const { readBranch } = await import('./schema/history.ts')
  const branch = await readBranch(pool).catch(() => undefined) // a role that only appends may not look
  if (!branch) return
  process.emitWarning(
    `the history of the database may have branched (it ${branches[branch]}), so commit tokens are refused; ` +
      'start `trifold worker`, which begins the next era',
    { type: 'TrifoldWarning', code: 'ERA_MISMATCH' },
  )
}

/**
 * Runs the targets in this process, as `trifold worker` does. Several workers may run: each target has one consumer at a
 * time.
 *
 * What goes wrong, and a Redis that is away, is observed and tried again.
 */
export async function startWorker(application: Application<never, never>, options?: WorkerOptions): Promise<Worker> {
  const { startWorker: start } = await import('./worker.ts')
  return start(Application.toolkitOf(application), options)
}
