import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { type ByteSize, bytesOf } from './byte-size.ts'
import { configFaults } from './config/faults.ts'
import type { Row } from './encoding.ts'
import { TrifoldError } from './errors.ts'
import type { MakeClient } from './opensearch/client.ts'
import type { EventRegistry } from './outbox.ts'
import { configuredTargets } from './read-model/feed.ts'
import type { ReadModel, Targets } from './read-model.ts'
import { shownUrl } from './shown-url.ts'
import { milliseconds, type Span } from './span.ts'

/**
 * The row types of the read models. Empty here: the file that `trifold types` writes adds one entry a read model, so
 * that handlers and queries are checked against the definitions.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by declaration merging
export interface ReadModelRows {}

/** The row of read model `Name`: generated, or any row before `trifold types` has run. */
export type RowOf<Name> = Name extends keyof ReadModelRows ? ReadModelRows[Name] : Row

/** How workers verify their targets while they run. */
export interface VerifySettings {
  /** The share of the time that a worker spends on it, up to 0.5: 0.01 is one percent. */
  budget: number
  /** Whether rows that differ are recomputed; a view is built again. Default false: they are only reported. */
  repair?: boolean
}

/** Where OpenSearch is. */
export interface SearchAddress {
  /** May hold basic auth: `https://user:password@host:9200`. */
  url: string
  /** A PEM file with the certificate authority of the cluster. */
  caFile?: string
  /** Makes the client for a managed service, such as one whose requests are signed. */
  client?: MakeClient
}

/** The key columns of each read model, by its name. */
export type Keys = Record<string, readonly string[]>

/** Where each read model is kept, by its name. */
export type Kept = Record<string, Targets>

/**
 * The configuration, as `trifold.config.ts` exports it: `Events` is the event registry, `K` has the key columns of each
 * read model and `T` its targets.
 */
export interface TrifoldConfig<
  Events extends EventRegistry = EventRegistry,
  K extends Keys = Keys,
  T extends Kept = Kept,
> {
  /**
   * The folder where relative paths start: `import.meta.dirname`. The commands know the folder of the configuration file
   * without it; an application does not.
   */
  root?: string | undefined
  /** PostgreSQL; default: the environment's DATABASE_URL. */
  database?: string | undefined
  /** OpenSearch; default: OPENSEARCH_URL, with OPENSEARCH_CA. */
  search?: string | SearchAddress | undefined
  /** Redis for BullMQ; default: REDIS_URL, and without it BullMQ runs on the PostgreSQL. */
  redis?: string | undefined
  /** The schema of the serving names; default `public`. */
  schema?: string
  /** The folder of the definitions, absolute or relative to `root`; default `views`. */
  views?: string
  /** Put before every index name, to tell environments apart in one cluster; default none. */
  indexPrefix?: string
  /** The file that `trifold types` writes, relative to `root`; default `trifold.types.ts`. */
  types?: string
  /** The module with the workload that `trifold compare` runs, relative to `root`. */
  workload?: string
  /** Lets workers verify their targets all the time; default not. */
  verify?: VerifySettings
  /** How long the table or index that a rebuild has replaced follows, so that `trifold rollback` can serve it again; default not. */
  keepWarm?: Span
  /** What is kept of the outbox, and for how long. */
  outbox?: OutboxSettings
  /** How long the inbox knows an event; default `{ retain: '14d' }`. */
  inbox?: InboxSettings
  /** The event types with the schemas of their payloads. */
  events?: Events
  readModels: ReadModels<Events, K> & { [Name in keyof T]: { targets: T[Name] } }
}

/** How long events are kept. */
export interface OutboxSettings {
  /** How long an event is kept after all its consumers have read it; default 3d. */
  retain?: Span
  /** How large the outbox may be before a consumer that has not read the oldest events is cut off; default 50GB. */
  cap?: ByteSize
  /** How large a partition becomes before the next is begun; default 4GB. */
  partition?: ByteSize
}

/** How long the inbox knows an event. */
export interface InboxSettings {
  /** Longer than the broker can deliver an event again; default 14d. */
  retain?: Span
}

/** The read models by name, each with the row that `trifold types` found. */
export type ReadModels<Events extends EventRegistry, K extends Keys> = {
  [Name in keyof K]: ReadModel<RowOf<Name>, Events, K[Name]> & { key: readonly (keyof RowOf<Name> & string)[] }
}

/** Gives the compiler the types of a configuration: of its events, its keys and its targets. */
export function defineConfig<Events extends EventRegistry, const K extends Keys, const T extends Kept>(
  config: TrifoldConfig<Events, K, T>,
): TrifoldConfig<Events, K, T> {
  return config
}

/** A checked configuration: addresses resolved, defaults filled in. */
export interface ResolvedConfig {
  database: string
  search: SearchAddress | undefined
  redis: string | undefined
  schema: string
  viewsFolder: string
  indexPrefix: string
  typesFile: string
  workloadFile: string | undefined
  verify?: VerifySettings | undefined
  /** In milliseconds; 0: not at all. */
  keepWarm: number
  outbox: { retain: number; cap: number; partitionBytes: number }
  /** In milliseconds. */
  inbox: { retain: number }
  events: EventRegistry
  readModels: Record<string, ReadModel>
}

/**
 * Checks a configuration and fills in the defaults. Nothing is opened; what one read model lacks (handlers, a schedule that
 * can be read) breaks its own targets when they are opened.
 *
 * @param folder where relative paths start if the configuration has no `root`
 * @throws CONFIG_INVALID with the path of every fault
 */
export function resolveConfig<Events extends EventRegistry, K extends Keys, T extends Kept>(
  given: TrifoldConfig<Events, K, T>,
  folder?: string,
  env = process.env,
): ResolvedConfig {
  const config = given as unknown as TrifoldConfig
  const faults = configFaults(config)
  if (faults.length > 0) throw invalidConfig(faults)
  const database = config.database ?? env.DATABASE_URL
  if (!database) {
    throw new TrifoldError('CONFIG_INVALID', 'config: no database is named; set `database` or DATABASE_URL')
  }
  checkAddress(database)
  checkNames(config.readModels)
  const root = config.root ?? folder ?? rootBeside(config.views)
  return {
    database,
    search: searchAddress(config.search, env),
    redis: config.redis ?? env.REDIS_URL,
    schema: config.schema ?? 'public',
    viewsFolder: resolve(root, config.views ?? 'views'),
    indexPrefix: config.indexPrefix ?? '',
    typesFile: resolve(root, config.types ?? 'trifold.types.ts'),
    workloadFile: config.workload === undefined ? undefined : resolve(root, config.workload),
    verify: config.verify,
    keepWarm: config.keepWarm === undefined ? 0 : (milliseconds(config.keepWarm) as number),
    outbox: outboxSettings(config.outbox),
    inbox: { retain: milliseconds(config.inbox?.retain ?? '14d') as number },
    events: config.events ?? {},
    readModels: config.readModels as Record<string, ReadModel>,
  }
}

function outboxSettings({ retain = '3d', cap = '50GB', partition = '4GB' }: OutboxSettings = {}) {
  return {
    retain: milliseconds(retain) as number,
    cap: bytesOf(cap) as number,
    partitionBytes: bytesOf(partition) as number,
  }
}

/** An absolute folder of definitions says where the project is; otherwise nobody knows. */
function rootBeside(views: string | undefined): string {
  if (views !== undefined && isAbsolute(views)) return dirname(views)
  const shown = JSON.stringify(views ?? 'views')
  throw new TrifoldError(
    'CONFIG_INVALID',
    `config: the definitions folder ${shown} is relative, but the configuration has no root; add \`root: import.meta.dirname\``,
  )
}

/**
 * Finds and loads `trifold.config.ts` (or .js, .mjs), compiled on the fly if it is TypeScript.
 *
 * @param file a path, or undefined to look in `folder`
 * @throws CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export async function loadConfig(
  file: string | undefined,
  folder = process.cwd(),
): Promise<{ config: TrifoldConfig; file: string }> {
  const candidates = file ? [file] : ['trifold.config.ts', 'trifold.config.mjs', 'trifold.config.js']
  const found = candidates.map((candidate) => resolve(folder, candidate)).find((path) => existsSync(path))
  if (!found) {
    throw new TrifoldError(
      'CONFIG_NOT_FOUND',
      `config: ${candidates[0]} is not in ${folder}; create it or name it with --config`,
    )
  }
  const { createJiti } = await import('jiti')
  const jiti = createJiti(found, { interopDefault: true })
  const config = await jiti.import<TrifoldConfig>(found, { default: true }).catch((cause: Error) => {
    throw new TrifoldError('CONFIG_INVALID', `config: ${found} cannot be loaded: ${cause.message}`, { cause })
  })
  return { config, file: found }
}

function checkAddress(database: string): void {
  if (/^postgres(ql)?:\/\//.test(database)) return
  throw new TrifoldError(
    'CONFIG_INVALID',
    `config: the address of the database is ${shownUrl(database)}; Trifold needs PostgreSQL, as postgres://user:password@host:5432/database`,
  )
}

/** The name of a target in SQL (`a__table`) may not be the serving name of a read model. */
function checkNames(readModels: TrifoldConfig['readModels']): void {
  for (const [name, model] of Object.entries(readModels)) {
    const shadowed = configuredTargets(name, model).find(({ target }) => Object.hasOwn(readModels, inSql(target)))
    if (!shadowed) continue
    const other = inSql(shadowed.target)
    throw new TrifoldError(
      'CONFIG_INVALID',
      `config: the read model ${other} has the name in SQL of the target ${shadowed.target} of ${name}; rename one of the two`,
    )
  }
}

const inSql = (target: string): string => target.replace('@', '__')

function searchAddress(search: TrifoldConfig['search'], env: NodeJS.ProcessEnv): SearchAddress | undefined {
  if (typeof search === 'object') return search
  const url = search ?? env.OPENSEARCH_URL
  if (!url) return undefined
  return env.OPENSEARCH_CA ? { url, caFile: env.OPENSEARCH_CA } : { url }
}

function invalidConfig(faults: readonly string[]): TrifoldError {
  return new TrifoldError(
    'CONFIG_INVALID',
    `config: ${faults.join('; ')}; see the README's section on the configuration`,
    {
      details: { faults },
    },
  )
}
