import type pg from 'pg'
import type { ResolvedConfig } from './config.ts'
import { lentPool } from './database/lent-pool.ts'
import { checkDatabase, checkServer, openPool, sessionSettings } from './database.ts'
import { attachment } from './detachment.ts'
import { TrifoldError } from './errors.ts'
import { wakeChannel } from './feed.ts'
import type { EventFed, Materializer } from './materializer.ts'
import { createOutbox, type EventRegistry, type Outbox } from './outbox.ts'
import { configuredTargets } from './read-model/feed.ts'
import type { ReadModel } from './read-model.ts'
import type { WarmGeneration } from './schema/generations.ts'
import { type Marks, readMarks } from './schema/suspect-keys.ts'
import { parseTarget } from './target.ts'
import { type ModelReader, ModelReading } from './toolkit/reading.ts'
import { SharedLook } from './toolkit/shared-look.ts'
import { type BrokenTarget, Targets } from './toolkit/targets.ts'

export type { ModelReader } from './toolkit/reading.ts'
export type { ReadableTarget } from './toolkit/served.ts'

/** All that is open for a configuration. Applications have it behind `openTrifold`; commands and workers as it is. */
export class Toolkit<Events extends EventRegistry = EventRegistry> implements Outbox<Events> {
  readonly config: ResolvedConfig
  readonly pool: pg.Pool
  /** The targets that are open, by name (`order_summary@table`). */
  readonly targets: ReadonlyMap<string, Materializer>
  /** Those that are not, and why: a definition that does not compile, for one. */
  readonly broken: ReadonlyMap<string, BrokenTarget>
  readonly append: Outbox<Events>['append']
  readonly token: Outbox<Events>['token']
  private readonly all: Targets
  private readonly readings = new Map<string, ModelReading>()
  private readonly looks = new Map<string, SharedLook<Marks>>()

  constructor(config: ResolvedConfig, pool: pg.Pool, targets: Targets) {
    const outbox = createOutbox(config.events as Events)
    this.config = config
    this.pool = pool
    this.all = targets
    this.targets = targets.opened
    this.broken = targets.broken
    this.append = outbox.append
    this.token = outbox.token
  }

  /** The targets in the order of the configuration, open and broken. */
  get targetNames(): string[] {
    return Object.entries(this.config.readModels)
      .flatMap(([name, model]) => configuredTargets(name, model).map(({ target }) => target))
      .filter((target) => this.targets.has(target) || this.broken.has(target))
  }

  /** @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, and what a broken target could not be opened for */
  target(name: string): Materializer {
    this.checkTarget(name)
    const found = this.targets.get(name)
    if (!found) throw this.broken.get(name)?.error
    return found
  }

  /** @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN */
  checkTarget(name: string): void {
    if (this.targets.has(name) || this.broken.has(name)) return
    const { readModel } = parseTarget(name)
    const code = Object.hasOwn(this.config.readModels, readModel) ? 'TARGET_UNKNOWN' : 'READ_MODEL_UNKNOWN'
    throw new TrifoldError(
      code,
      `config: there is no target ${name} (configured: ${this.targetNames.join(', ') || 'none'})`,
    )
  }

  /**
   * The target, opened again if it was broken.
   *
   * @param pool on which its definition is described
   * @throws as {@link target}
   */
  async reopened(name: string, pool = this.pool): Promise<Materializer> {
    return (await this.all.reopen(name, pool)) ?? this.target(name)
  }

  /** The target, opened again with its definition as it is now. @throws as {@link target}, and what it cannot be opened for */
  async renewed(name: string, pool = this.pool): Promise<Materializer> {
    this.checkTarget(name)
    return this.all.renew(name, pool)
  }

  /** As {@link reopened}, and renewed if its read model was attached since it was opened. */
  async current(name: string, pool = this.pool): Promise<Materializer> {
    const materializer = await this.reopened(name, pool)
    const state = await attachment(pool, materializer.context)
    return state === 'outdated' ? this.renewed(name, pool) : materializer
  }

  /** A target as it was built last, for looking at it while its definition cannot be read; undefined if it never was. */
  asBuilt(name: string): Promise<Materializer | undefined> {
    return this.all.openAsBuilt(name)
  }

  /**
   * The target as it was when a generation was built, to keep that one current. The caller closes it.
   *
   * @throws DEFINITION_INVALID, KEY_INVALID if that definition does not run any more
   */
  warm(generation: WarmGeneration): Promise<EventFed> {
    return this.all.openWarm(generation)
  }

  /** The reader of a read model. @throws READ_MODEL_UNKNOWN */
  readModel(name: string): ModelReader {
    if (!Object.hasOwn(this.config.readModels, name)) {
      const known = Object.keys(this.config.readModels).join(', ') || 'none'
      throw new TrifoldError('READ_MODEL_UNKNOWN', `config: there is no read model ${name} (configured: ${known})`)
    }
    const known = this.readings.get(name)
    if (known) return known
    const reading = new ModelReading({
      name,
      model: this.config.readModels[name] as ReadModel,
      pool: this.pool,
      marks: (target) => this.marksOf(target, name),
      open: (target) => this.readable(target),
      wake: () => this.wake(),
    })
    this.readings.set(name, reading)
    return reading
  }

  /**
   * A hint that something was committed, for the lowest latency: call it after the commit. It may be lost; the workers
   * poll anyway. Never call it inside the transaction: a NOTIFY there takes a lock that all committing writers share.
   */
  async wake(): Promise<void> {
    await this.pool.query(`notify ${wakeChannel}`)
  }

  /** Closes every connection of the toolkit; the application's own are not touched. */
  async close(): Promise<void> {
    await this.all.close()
    await this.pool.end()
  }

  private marksOf(target: string, readModel: string): SharedLook<Marks> {
    const known = this.looks.get(target)
    if (known) return known
    const looks = new SharedLook(() => readMarks(this.pool, { target, key: undefined, readModel }))
    this.looks.set(target, looks)
    return looks
  }

  private async readable(target: string): Promise<Materializer> {
    try {
      return await this.reopened(target)
    } catch (error) {
      const last = this.broken.has(target) ? await this.all.openLast(target) : undefined
      if (!last) throw error
      return last
    }
  }
}

/**
 * Opens the toolkit of a configuration that has been resolved already. A target that cannot be opened (its definition does
 * not compile, no address of OpenSearch is known) is broken by itself: its reads throw why, and open it once that is mended.
 *
 * @param from the application's own pool, used in place of one that is opened and closed here, or how that one is
 */
export async function openToolkit<Events extends EventRegistry = EventRegistry>(
  config: ResolvedConfig,
  from?: pg.Pool | OwnPool,
): Promise<Toolkit<Events>> {
  const pool = await poolOf(config, from)
  try {
    return new Toolkit<Events>(config, pool, await Targets.open(config, pool))
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** A pool that the toolkit opens. */
interface OwnPool {
  /** Its sessions at most; default 10. */
  most?: number
  /** Milliseconds for which a statement waits for a lock; default as the role has it. */
  lockTimeout?: number | undefined
}

async function poolOf({ database }: ResolvedConfig, from: pg.Pool | OwnPool = {}): Promise<pg.Pool> {
  if (!('connect' in from)) {
    await checkDatabase(database)
    const { most = 10, lockTimeout } = from
    const settings: Record<string, string> = lockTimeout === undefined ? {} : { lock_timeout: String(lockTimeout) }
    return openPool(database, { name: 'toolkit', max: most, settings })
  }
  const pool = lentPool(from, sessionSettings)
  await checkServer(pool, database)
  return pool
}
