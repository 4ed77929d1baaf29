import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../src/migrate.ts'
import { createKitDatabase, type KitDatabase } from '../../src/testing/kit-database.ts'
import { dropIndexes } from '../../src/testing/search-indexes.ts'
import { openTrifold, type Trifold } from '../../src/trifold.ts'
import { marketTables } from '../support/market.ts'
import { until } from '../support/until.ts'
import { type ChaosAddress, chaosConfig } from './config.ts'
import { Hand, Way } from './crew.ts'
import type { Engines } from './engines.ts'
import type { Journal } from './journal.ts'
import type { Mutant } from './mutants.ts'

/** Orders that nobody changes, so that a rebuild has something to copy. */
const still = `
  insert into orders (id, status, quantity, product_id, day, changed_at)
  select id, 0, 1, 3, '2026-01-04', now()
  from generate_series(1001, 1400) as id`

export interface StandOptions {
  workers?: number
  failing?: boolean
  mutant?: Mutant | undefined
}

/** A market of its own on the engines, workers that keep it, and an application that reads it and operates. */
export class Stand {
  readonly engines: Engines
  readonly address: ChaosAddress
  readonly hands: Hand[] = []
  application!: Trifold
  private readonly database: KitDatabase
  private way!: Way

  private constructor(engines: Engines, database: KitDatabase, address: ChaosAddress) {
    this.engines = engines
    this.database = database
    this.address = address
  }

  /** Returns once every target is built. */
  static async open(engines: Engines, journal: Journal, options: StandOptions): Promise<Stand> {
    const { workers = 2, failing = false, mutant } = options
    const database = await createKitDatabase(engines.postgres.url)
    const indexPrefix = `chaos_${randomBytes(4).toString('hex')}_`
    const [search, redis] = [engines.openSearch.url, engines.redis.url]
    const stand = new Stand(engines, database, { database: database.url, search, redis, indexPrefix, failing, mutant })
    try {
      await migrate(database.url)
      await stand.query(`${marketTables}; ${still}`)
      for (let hand = 1; hand <= workers; hand++) stand.hands.push(await Hand.start(`worker ${hand}`, stand.address))
      stand.way = await Way.open(stand.address)
      stand.application = (await openTrifold(chaosConfig({ ...stand.way.address, mutant: undefined }))) as Trifold
      const isBuilt = async () => (await stand.application.admin.status()).verdict === 'green'
      await until('every target is built', isBuilt, 120_000)
      journal.note(`every target is built, ${workers} workers keep them`)
      return stand
    } catch (error) {
      await stand.close()
      throw error
    }
  }

  /** The ways of the workers, and that of the application. */
  get ways(): Way[] {
    return [...this.hands.map(({ way }) => way), this.way]
  }

  get targets(): string[] {
    return this.application.targets
  }

  /** Asks the database itself, in a session for this question. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    return this.inSession((client) => client.query(text, values))
  }

  async inSession<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.address.database, application_name: 'chaos' })
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  /** Closes the application. */
  async leave(): Promise<void> {
    const { application } = this
    this.application = undefined as never
    await application?.close()
  }

  async close(): Promise<void> {
    for (const hand of this.hands) await hand.close()
    await this.leave()
    await this.way?.close()
    const { indexPrefix } = this.address
    await dropIndexes({ search: { url: this.engines.openSearch.url }, indexPrefix: indexPrefix as string })
    await this.database.drop()
  }
}
