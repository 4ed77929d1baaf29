import { resolve } from 'node:path'
import type pg from 'pg'
import { type ResolvedConfig, type RowOf, resolveConfig, type TrifoldConfig } from './config.ts'
import { checkDatabase, openPool } from './database.ts'
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

/** Reads one read model. */
export interface ReadModelReader<R> {
  /** Rows of one page. */
  find(request?: Find<R> & { target?: ReadableTarget }): Promise<Found<R>>
  /** Counts and sums. */
  summarize(request?: Summarize<R> & { target?: ReadableTarget }): Promise<Summary>
}

/** The toolkit of one application. */
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
  readModel<Name extends string>(name: Name): ReadModelReader<RowOf<Name>> {
    if (!Object.hasOwn(this.config.readModels, name)) {
      const known = Object.keys(this.config.readModels).join(', ') || 'none'
      throw new TrifoldError('READ_MODEL_UNKNOWN', `config: there is no read model ${name} (configured: ${known})`)
    }
    return {
      find: async (request) => {
        const { target, asked } = addressOf('find', request)
        const materializer = this.readable(name, target)
        return this.answer(materializer, materializer.checkFind(asked)) as Promise<Found<RowOf<Name>>>
      },
      summarize: async (request) => {
        const { target, asked } = addressOf('summarize', request)
        const materializer = this.readable(name, target)
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

  private readable(name: string, target: ReadableTarget | undefined): Materializer {
    return this.target(`${name}@${target ?? this.defaultTarget(name)}`)
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

/** A toolkit with a reader for each read model under its name, except where the toolkit has a member of that name. */
export type Trifold<Events extends EventRegistry, Names extends string> = Toolkit<Events> & {
  readonly [Name in Exclude<Names, keyof Toolkit>]: ReadModelReader<RowOf<Name>>
}

/**
 * Opens the toolkit: checks the configuration and the database, and describes every definition. Nothing is created and
 * nothing runs yet.
 *
 * @param config as `defineConfig` gives it
 * @param folder where the relative paths of the configuration start; default the working folder
 * @throws CONFIG_INVALID, DATABASE_UNREACHABLE, DATABASE_TOO_OLD, DATABASE_STANDBY, DATABASE_NOT_MIGRATED,
 * DEFINITION_NOT_FOUND, DEFINITION_INVALID, KEY_INVALID, SEARCH_NOT_CONFIGURED
 */
export async function openTrifold<Events extends EventRegistry, Names extends string>(
  config: TrifoldConfig<Events, Names>,
  folder = process.cwd(),
): Promise<Trifold<Events, Names>> {
  const resolved = resolveConfig(config, resolve(folder))
  const toolkit = await openToolkit<Events>(resolved)
  for (const name of Object.keys(resolved.readModels)) {
    if (name in toolkit) continue // such a read model is reached by readModel(name) only
    Object.defineProperty(toolkit, name, { value: toolkit.readModel(name), enumerable: true })
  }
  return toolkit as Trifold<Events, Names>
}

/** Opens the toolkit of a configuration that has been resolved already. */
export async function openToolkit<Events extends EventRegistry = EventRegistry>(
  config: ResolvedConfig,
): Promise<Toolkit<Events>> {
  await checkDatabase(config.database)
  const pool = openPool(config.database, { name: 'toolkit', settings: noIdleTransactions })
  try {
    return new Toolkit<Events>(config, pool, await openTargets(config, pool))
  } catch (error) {
    await pool.end()
    throw error
  }
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
