import type pg from 'pg'
import type { ResolvedConfig, SearchAddress } from '../config.ts'
import { lastDefinition } from '../definition/last.ts'
import { describeDefinition, describeSource } from '../definition.ts'
import { isHeld } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import type { EventFed, Materializer, TargetContext } from '../materializer.ts'
import { type ConfiguredTarget, configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import { readDetachment } from '../schema/detachments.ts'
import { servingGeneration, type WarmGeneration } from '../schema/generations.ts'
import { parseTarget } from '../target.ts'
import { checkConfigured } from './configured.ts'

/** A target that cannot be opened as things are, and why. */
export interface BrokenTarget extends ConfiguredTarget {
  model: ReadModel
  error: Error
}

/** The targets of a configuration. One that cannot be opened is broken by itself: the others are open all the same. */
export class Targets {
  private readonly config: ResolvedConfig
  private readonly pool: pg.Pool
  readonly opened: Map<string, Materializer>
  readonly broken = new Map<string, BrokenTarget>()
  private readonly replaced: Materializer[] = []
  /** By the id of the generation that is read. */
  private readonly last = new Map<string, Materializer>()

  /** @param opened those that are open already */
  constructor(config: ResolvedConfig, pool: pg.Pool, opened = new Map<string, Materializer>()) {
    this.config = config
    this.pool = pool
    this.opened = opened
  }

  /** All targets of the configuration. */
  static async open(config: ResolvedConfig, pool: pg.Pool): Promise<Targets> {
    const targets = new Targets(config, pool)
    const names = Object.keys(config.readModels)
    const contexts = await Promise.all(names.map((name) => targets.contextOrError(name, pool)))
    for (const [place, name] of names.entries()) await targets.openModel(name, contexts[place] as ModelContext | Error)
    return targets
  }

  /**
   * Tries again to open a broken target, and with it the others of its read model.
   *
   * @param pool on which the definition is described
   */
  async reopen(target: string, pool: pg.Pool): Promise<Materializer | undefined> {
    const { readModel } = parseTarget(target)
    if (this.broken.has(target)) await this.openModel(readModel, await this.contextOrError(readModel, pool))
    return this.opened.get(target)
  }

  /**
   * Opens a target again, with its definition as it is now. The one before is closed with all others: it may be answering.
   *
   * @param pool on which the definition is described
   * @throws what it cannot be opened for: the one before stays then
   */
  async renew(target: string, pool: pg.Pool): Promise<Materializer> {
    const { readModel } = parseTarget(target)
    const configured = configuredTargets(readModel, this.config.readModels[readModel] as ReadModel)
    const one = configured.find((other) => other.target === target) as ConfiguredTarget
    const opened = await openOrError(this.config, one, await contextOf(this.config, this.pool, readModel, pool))
    if (opened instanceof Error) throw opened
    const before = this.opened.get(target)
    if (before) this.replaced.push(before)
    this.broken.delete(target)
    this.opened.set(target, opened)
    return opened
  }

  /**
   * Opens a target that is detached for reading its last rows: its definition may not compile while a migration runs.
   *
   * @returns undefined if it is not detached, or was never built
   */
  async openLast(target: string): Promise<Materializer | undefined> {
    const { readModel } = parseTarget(target)
    if (!isHeld(await readDetachment(this.pool, readModel).catch(() => undefined))) return undefined
    return this.openAsBuilt(target)
  }

  /**
   * Opens a target for reading with the columns that its generation was built with.
   *
   * @returns undefined if it was never built
   */
  async openAsBuilt(target: string): Promise<Materializer | undefined> {
    const { readModel: name, materializer } = parseTarget(target)
    const generation = await servingGeneration(this.pool, target)
    const opened = generation && this.last.get(generation.id)
    if (!generation || opened) return opened
    const { schema, database: databaseUrl } = this.config
    const model = this.config.readModels[name] as ReadModel
    const definition = await lastDefinition(this.pool, name, model, generation)
    const context = { target, name, model, definition, schema, databaseUrl, pool: this.pool }
    const reader = await openTarget(this.config, materializer as ConfiguredTarget['materializer'], context)
    this.last.set(generation.id, reader)
    return reader
  }

  /** Opens a table or an index with the definition that a generation was built from. @throws DEFINITION_INVALID, KEY_INVALID */
  async openWarm({ target, number, sql, definitionVersion, definitionHash }: WarmGeneration): Promise<EventFed> {
    const { readModel: name, materializer } = parseTarget(target)
    const { schema, database: databaseUrl } = this.config
    const model = this.config.readModels[name] as ReadModel
    const client = await this.pool.connect()
    try {
      const source = { file: `generation ${number}`, sql, version: definitionVersion, hash: definitionHash }
      const definition = await describeSource(client, source, name, model)
      const context = { target, name, model, definition, schema, databaseUrl, pool: this.pool }
      return (await openTarget(this.config, materializer as 'table' | 'search', context)) as EventFed
    } finally {
      client.release()
    }
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    await Promise.allSettled(
      [...this.opened.values(), ...this.replaced, ...this.last.values()].map((one) => one.close()),
    )
  }

  /** Opens the targets of a read model that are not open yet. */
  private async openModel(name: string, context: ModelContext | Error): Promise<void> {
    const model = this.config.readModels[name] as ReadModel
    const closed = configuredTargets(name, model).filter(({ target }) => !this.opened.has(target))
    for (const one of closed) {
      const opening = context instanceof Error ? context : await openOrError(this.config, one, context)
      if (opening instanceof Error) this.broken.set(one.target, { ...one, model, error: opening })
      else await this.keep(one.target, opening)
    }
  }

  private contextOrError(name: string, pool: pg.Pool): Promise<ModelContext | Error> {
    return contextOf(this.config, this.pool, name, pool).catch((error: Error) => error)
  }

  /** Two reads may open a target at the same time: one of them is enough. */
  private async keep(target: string, materializer: Materializer): Promise<void> {
    this.broken.delete(target)
    if (this.opened.has(target)) return materializer.close()
    this.opened.set(target, materializer)
  }
}

/** What all targets of a read model need to know. */
type ModelContext = Omit<TargetContext, 'target'>

/**
 * What the targets of a read model need to know.
 *
 * @param describedOn the pool on which the definition is described; default the one that the targets use
 * @throws DEFINITION_NOT_FOUND, DEFINITION_INVALID, KEY_INVALID
 */
export async function contextOf(
  config: ResolvedConfig,
  pool: pg.Pool,
  name: string,
  describedOn = pool,
): Promise<ModelContext> {
  const model = config.readModels[name] as ReadModel
  const client = await describedOn.connect()
  try {
    // Before the definition: it may be attached meanwhile. A role that only appends, or reads the names, may not look.
    const attachedAt = (await readDetachment(client, name).catch(() => undefined))?.attachedAt
    const definition = await describeDefinition(client, config.viewsFolder, name, model)
    return { name, model, definition, attachedAt, schema: config.schema, databaseUrl: config.database, pool }
  } finally {
    client.release()
  }
}

async function openOrError(
  config: ResolvedConfig,
  { target, materializer, feed }: ConfiguredTarget,
  shared: ModelContext,
): Promise<Materializer | Error> {
  const context = { ...shared, target }
  try {
    await checkConfigured(feed, context, config.events)
    return await openTarget(config, materializer, context)
  } catch (error) {
    return error as Error
  }
}

/**
 * Engines are imported where they are used: without a search target OpenSearch's client is never loaded.
 *
 * @throws SEARCH_NOT_CONFIGURED, CONFIG_INVALID if the file of a certificate authority cannot be read
 */
export async function openTarget(
  config: ResolvedConfig,
  materializer: ConfiguredTarget['materializer'],
  context: TargetContext,
): Promise<Materializer> {
  if (materializer === 'table') return (await import('../materializers/table.ts')).createTableMaterializer(context)
  if (materializer === 'view') return (await import('../materializers/view.ts')).createViewMaterializer(context)
  const address = searchAddress(config, context.target)
  const { createSearchMaterializer } = await import('../materializers/search.ts')
  return createSearchMaterializer(context, address, config.indexPrefix)
}

/** Where the OpenSearch of a target is. @throws SEARCH_NOT_CONFIGURED */
export function searchAddress({ search }: Pick<ResolvedConfig, 'search'>, target: string): SearchAddress {
  if (search) return search
  throw new TrifoldError(
    'SEARCH_NOT_CONFIGURED',
    `config: ${target} needs OpenSearch; set \`search\` or OPENSEARCH_URL, or remove the search target`,
  )
}
