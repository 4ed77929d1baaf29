import type pg from 'pg'
import { type Kept, type Keys, resolveConfig, type TrifoldConfig } from '../config.ts'
import { inTransaction, openClient, openPool } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import { withinTime } from '../operator/within-time.ts'
import { createOutbox, type EventRegistry, type NewEvent, type Outbox } from '../outbox.ts'
import { type Connection, pgConnection } from './connection.ts'
import { Given, type Step } from './given.ts'
import { createKitDatabase } from './kit-database.ts'
import type { KitTargetName, TestKitOptions } from './kit-options.ts'
import type { KitTarget } from './kit-target.ts'
import { KitTargets } from './kit-targets.ts'
import type { Command } from './property/history.ts'
import { lastingLockWaits } from './property/lock-waits.ts'
import { dropIndexes } from './search-indexes.ts'
import { emptyAgain, emptyTables } from './tables.ts'

/** Longest wait for the application's connections, in milliseconds; the database is dropped all the same. */
const closingTime = 2_000

/**
 * Tests the handlers of a configuration against its definitions, in a separate database.
 *
 * @typeParam Events the event registry of the configuration
 * @typeParam Tx what a transaction of the application hands to its work: a client of `pg`, or what `connect` makes
 */
export class TestKit<Events extends EventRegistry = EventRegistry, Tx = pg.PoolClient> {
  /** The address of the kit's own database. */
  readonly databaseUrl: string
  /** The write side, for the events of the configuration. */
  readonly outbox: Outbox<Events>
  /** @internal How the application runs its transactions. */
  readonly connection: Connection<Tx>
  /** @internal The targets that are compared with the definitions. */
  readonly targets: KitTargets
  private readonly client: pg.Client
  private readonly options: TestKitOptions<Tx>
  private readonly tables: readonly string[]
  private readonly closing: (() => Promise<unknown>)[]

  /** @internal */
  constructor(parts: KitParts<Events, Tx>) {
    this.databaseUrl = parts.databaseUrl
    this.outbox = parts.outbox
    this.connection = parts.connection
    this.targets = parts.targets
    this.client = parts.client
    this.options = parts.options
    this.tables = parts.tables
    this.closing = parts.closing
  }

  /**
   * What happens in a test, in order: functions, each run in its own transaction as `(tx, outbox) => …`, and plain
   * events. Nothing runs before something is expected of it.
   */
  given(...steps: Step<Events, Tx>[]): Given<Events, Tx> {
    return new Given(this, steps)
  }

  /** A command for {@link expectAlwaysSameAsDefinition}: its name as a counterexample shows it, and what it does. */
  command(name: string, run: Command<Events, Tx>['run']): Command<Events, Tx> {
    return { name, run }
  }

  /** @internal Runs one step, and commits it. */
  async run(step: Step<Events, Tx>): Promise<void> {
    if (typeof step === 'function') {
      await this.connection.transaction(async (tx) => {
        await step(tx, this.outbox)
      })
    } else await inTransaction(this.client, () => this.outbox.append(this.client, step as NewEvent<Events>))
  }

  /** Empties the application's tables, except those in which `prepare` left rows, runs `seed`, and rebuilds the targets. */
  clear(): Promise<void> {
    return this.clearFor(this.targets.all)
  }

  /** @internal The same, but rebuilds only some targets. */
  async clearFor(targets: readonly KitTarget[]): Promise<void> {
    await emptyAgain(this.client, this.tables)
    await this.options.seed?.(this.client)
    await Promise.all(targets.map((target) => target.rebuild()))
  }

  /** @internal How many sessions of the kit's database wait for a lock that will be given back. */
  waitingForLocks(): Promise<number> {
    return lastingLockWaits(this.client)
  }

  /** Closes what it opened and drops the database, even if a command has not returned its connection. */
  async close(): Promise<void> {
    for (const release of this.closing.splice(0).reverse()) await release()
  }
}

interface KitParts<Events extends EventRegistry, Tx> {
  databaseUrl: string
  outbox: Outbox<Events>
  connection: Connection<Tx>
  targets: KitTargets
  client: pg.Client
  options: TestKitOptions<Tx>
  tables: readonly string[]
  closing: (() => Promise<unknown>)[]
}

/**
 * Opens a kit: creates a database with the toolkit's schema and the application's, and builds the targets. Open one per test
 * file (it takes about half a second) and close it at the end.
 *
 * @throws CONFIG_INVALID, HANDLERS_MISSING, DEFINITION_NOT_FOUND, DEFINITION_INVALID, KEY_INVALID, SEARCH_NOT_CONFIGURED; what
 * `prepare`, `seed` and `connect` throw
 */
export async function openTestKit<Events extends EventRegistry, K extends Keys, T extends Kept, Tx = pg.PoolClient>(
  config: TrifoldConfig<Events, K, T>,
  options: TestKitOptions<Tx> = {},
): Promise<TestKit<Events, Tx>> {
  const closing: (() => Promise<unknown>)[] = []
  try {
    return await open(config as unknown as TrifoldConfig<Events>, options, closing)
  } catch (error) {
    for (const release of closing.reverse()) await release()
    throw error
  }
}

async function open<Events extends EventRegistry, Tx>(
  config: TrifoldConfig<Events>,
  options: TestKitOptions<Tx>,
  closing: (() => Promise<unknown>)[],
): Promise<TestKit<Events, Tx>> {
  const { name, url, drop } = await createKitDatabase(serverOf(config, options), options.template)
  closing.push(drop)
  await migrate(url)
  const resolved = resolveConfig(forKit(config, url, name) as TrifoldConfig)
  const names = options.targets ?? (['memory'] satisfies KitTargetName[])
  if (names.includes('search')) closing.push(() => dropIndexes(resolved))
  const client = await openClient(url, {
    name: 'test kit',
    settings: { lock_timeout: '30s', synchronous_commit: 'off' },
  })
  closing.push(() => client.end())
  await options.prepare?.(client, url)
  await hasten(client, name)
  const tables = await emptyTables(client)
  const pool = openPool(url, { name: 'test kit' })
  closing.push(() => pool.end())
  const targets = await KitTargets.open(resolved, pool, names)
  closing.push(() => targets.close())
  const connection = await connectionOf(options, url)
  closing.push(() => withinTime(connection.close(), closingTime, 'the application').catch(() => {}))
  const outbox = createOutbox(config.events ?? ({} as Events))
  const kit = new TestKit<Events, Tx>({
    databaseUrl: url,
    outbox,
    connection,
    targets,
    client,
    options,
    tables,
    closing,
  })
  await kit.clear()
  return kit
}

/**
 * Settings of all sessions that follow. No commit waits for the disk: nothing of the kit's database has to survive a crash of
 * the server. Writers of a random history run into deadlocks: found at once, it is the last one to wait that is ended,
 * whatever the machine's speed. Where the role may not set this, a deadlock costs a second.
 */
async function hasten(client: pg.Client, database: string): Promise<void> {
  await client.query(`alter database ${database} set synchronous_commit = off`)
  await client.query(`alter database ${database} set deadlock_timeout = '1ms'`).catch(() => {})
}

async function connectionOf<Tx>({ connect }: TestKitOptions<Tx>, url: string): Promise<Connection<Tx>> {
  return connect ? await connect(url) : (pgConnection(url) as unknown as Connection<Tx>)
}

function serverOf<Events extends EventRegistry, Tx>(
  config: TrifoldConfig<Events>,
  options: TestKitOptions<Tx>,
): string {
  const server = options.database ?? config.database ?? process.env.DATABASE_URL
  if (server) return server
  throw new TrifoldError('CONFIG_INVALID', 'testing: no database is named; pass `database`, or set DATABASE_URL')
}

/** The name of the database keeps the indexes of kits apart that share a cluster. */
const forKit = <Events extends EventRegistry>(config: TrifoldConfig<Events>, database: string, name: string) => ({
  ...config,
  database,
  indexPrefix: `${config.indexPrefix ?? ''}${name}_`,
})
