import type pg from 'pg'
import type { ResolvedConfig } from './config.ts'
import { lentPool } from './database/lent-pool.ts'
import { checkDatabase, checkServer, openPool, sessionSettings } from './database.ts'
import { describeDefinition } from './definition.ts'
import { TrifoldError } from './errors.ts'
import { wakeChannel } from './feed.ts'
import { freshTarget, waitForToken } from './freshness.ts'
import { noIdleTransactions } from './lease/time.ts'
import type { Materializer, TargetContext } from './materializer.ts'
import { createOutbox, type EventRegistry, type Outbox } from './outbox.ts'
import type { Find, Found, Summarize, Summary } from './query/request.ts'
import { addressOf, type Checked } from './query.ts'
import { configuredTargets } from './read-model/feed.ts'
import { type MaterializerName, parseTarget } from './target.ts'

/** Which target of a read model answers; default: the one behind the serving name, else the first configured. */
export type ReadableTarget = Exclude<MaterializerName, 'memory'>

/** Reads one read model, of whatever columns. */
export interface ModelReader {
  find(request?: Find & { from?: ReadableTarget }): Promise<Found>
  summarize(request?: Summarize & { from?: ReadableTarget }): Promise<Summary>
}

/** All that is open for a configuration. Applications have it behind `openTrifold`; commands and workers as it is. */
export class Toolkit<Events extends EventRegistry = EventRegistry> implements Outbox<Events> {
  readonly config: ResolvedConfig
  readonly pool: pg.Pool
  /** Every configured target by name (`order_summary@table`). */
  readonly targets: ReadonlyMap<string, Materializer>
  readonly append: Outbox<Events>['append']
  readonly token: Outbox<Events>['token']

  constructor(config: ResolvedConfig, pool: pg.Pool, targets: ReadonlyMap<string, Materializer>) {
    const outbox = createOutbox(config.events as Events)
    this.config = config
    this.pool = pool
    this.targets = targets
    this.append = outbox.append
    this.token = outbox.token
  }

  /** @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN */
  target(name: string): Materializer {
    const found = this.targets.get(name)
    if (found) return found
    const { readModel } = parseTarget(name)
    const code = Object.hasOwn(this.config.readModels, readModel) ? 'TARGET_UNKNOWN' : 'READ_MODEL_UNKNOWN'
    throw new TrifoldError(
      code,
      `config: there is no target ${name} (configured: ${[...this.targets.keys()].join(', ') || 'none'})`,
    )
  }

  /** The reader of a read model. @throws READ_MODEL_UNKNOWN */
  readModel(name: string): ModelReader {
    if (!Object.hasOwn(this.config.readModels, name)) {
      const known = Object.keys(this.config.readModels).join(', ') || 'none'
      throw new TrifoldError('READ_MODEL_UNKNOWN', `config: there is no read model ${name} (configured: ${known})`)
    }
    return {
      find: async (request) => {
        const { from, asked } = addressOf('find', request)
        const materializer = this.readable(name, from)
        return this.answer(materializer, materializer.checkFind(asked))
      },
      summarize: async (request) => {
        const { from, asked } = addressOf('summarize', request)
        const materializer = this.readable(name, from)
        return this.answer(materializer, materializer.checkSummarize(asked))
      },
    }
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
    await Promise.allSettled([...this.targets.values()].map((materializer) => materializer.close()))
    await this.pool.end()
  }

  private defaultTarget(name: string): ReadableTarget {
    const model = this.config.readModels[name]!
    return model.serve ?? (['table', 'view', 'search'] as const).find((one) => model.targets[one]) ?? 'table'
  }

  private readable(name: string, from = this.defaultTarget(name)): Materializer {
    return this.target(`${name}@${from}`)
  }

  /** Nothing is waited for, and nothing asked of an engine, before the request was checked. */
  private async answer<Answer>(materializer: Materializer, { wait, answer }: Checked<Answer>): Promise<Answer> {
    if (wait === undefined) return answer()
    const { token, timeout } = wait
    const options = { timeout, wake: () => this.wake() }
    const waited = await waitForToken(this.pool, freshTarget(materializer), token, options)
    return { ...(await answer()), waited }
  }
}

/**
 * Opens the toolkit of a configuration that has been resolved already.
 *
 * @param lent the application's own pool, used in place of one that is opened and closed here
 */
export async function openToolkit<Events extends EventRegistry = EventRegistry>(
  config: ResolvedConfig,
  lent?: pg.Pool,
): Promise<Toolkit<Events>> {
  const pool = await poolOf(config, lent)
  try {
    return new Toolkit<Events>(config, pool, await openTargets(config, pool))
  } catch (error) {
    await pool.end()
    throw error
  }
}

async function poolOf({ database }: ResolvedConfig, lent: pg.Pool | undefined): Promise<pg.Pool> {
  if (!lent) {
    await checkDatabase(database)
    return openPool(database, { name: 'toolkit', settings: noIdleTransactions })
  }
  const pool = lentPool(lent, { ...sessionSettings, ...noIdleTransactions })
  await checkServer(pool, database)
  return pool
}

async function openTargets(config: ResolvedConfig, pool: pg.Pool): Promise<Map<string, Materializer>> {
  const targets = new Map<string, Materializer>()
  for (const context of await contextsOf(config, pool)) {
    for (const { target, materializer } of configuredTargets(context.name, context.model)) {
      targets.set(target, await openTarget(config, materializer, { ...context, target }))
    }
  }
  return targets
}

/** What the targets of each read model need to know. @throws DEFINITION_NOT_FOUND, DEFINITION_INVALID, KEY_INVALID */
export async function contextsOf(config: ResolvedConfig, pool: pg.Pool): Promise<Omit<TargetContext, 'target'>[]> {
  const client = await pool.connect()
  try {
    const contexts: Omit<TargetContext, 'target'>[] = []
    for (const [name, model] of Object.entries(config.readModels)) {
      const definition = await describeDefinition(client, config.viewsFolder, name, model)
      contexts.push({ name, model, definition, schema: config.schema, databaseUrl: config.database, pool })
    }
    return contexts
  } finally {
    client.release()
  }
}

/** Engines are imported where they are used: without a search target OpenSearch's client is never loaded. */
export async function openTarget(
  config: ResolvedConfig,
  materializer: ReadableTarget,
  context: TargetContext,
): Promise<Materializer> {
  if (materializer === 'table') return (await import('./materializers/table.ts')).createTableMaterializer(context)
  if (materializer === 'view') return (await import('./materializers/view.ts')).createViewMaterializer(context)
  if (!config.search) {
    throw new TrifoldError(
      'SEARCH_NOT_CONFIGURED',
      `config: ${context.target} needs OpenSearch; set \`search\` or OPENSEARCH_URL, or remove the search target`,
    )
  }
  const { createSearchMaterializer } = await import('./materializers/search.ts')
  return createSearchMaterializer(context, config.search, config.indexPrefix)
}
