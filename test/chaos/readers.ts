import { setTimeout as rest } from 'node:timers/promises'
import pg from 'pg'
import { isTrifoldError } from '../../src/errors.ts'
import type { Trifold } from '../../src/trifold.ts'
import { Random } from '../feed/random.ts'
import { advanceOrder, placeOrder } from '../support/market/writer.ts'
import type { Journal } from './journal.ts'

/** The orders that readers advance: nobody else writes them. */
const firstOrder = 901

const rows = ['plain_order', 'pictured_order'] as const
/** A read of the view waits for the next refresh, so it is the rarest. */
const stores = ['table', 'table', 'search', 'search', 'view'] as const
/** How long a read may wait, and what it may take above that before it counts as hung, in milliseconds. */
const timeout = 3_000
const slack = 40_000

/** Advances an order step by step, and reads it after each commit: it shows exactly that step, or the read fails in words. */
class Reader {
  private readonly application: Trifold
  private readonly database: string
  private readonly order: number
  private readonly journal: Journal
  private readonly honoursTokens: boolean
  private client: pg.Client | undefined
  private step = 0
  stopped = false

  constructor(order: number, { application, database, journal, honoursTokens }: ReaderOptions) {
    this.order = order
    this.application = application
    this.database = database
    this.journal = journal
    this.honoursTokens = honoursTokens
  }

  async keepReading(random: Random): Promise<void> {
    while (!this.stopped) {
      const token = await this.commit().catch(() => undefined)
      const [name, from] = [random.pick(rows), random.pick(stores)]
      if (token) await this.read(name, from, token)
      else await this.forget()
      await rest(random.between(10, 150))
    }
    await this.forget()
  }

  private async commit(): Promise<string> {
    const { order } = this
    this.step += 1
    this.client ??= await connected(this.database)
    await this.client.query('begin')
    const { rowCount } = await this.client.query('select from orders where id = $1', [order])
    if (!rowCount) await placeOrder(this.client, order, { quantity: 1, productId: 1, day: '2026-01-03' })
    await advanceOrder(this.client, order, this.step)
    const token = await this.application.token(this.client)
    await this.client.query('commit')
    return token
  }

  private async read(name: (typeof rows)[number], from: (typeof stores)[number], token: string): Promise<void> {
    const began = performance.now()
    const after = this.honoursTokens ? { after: token, timeout } : {}
    const what = `a read of order ${this.order} from ${name}@${from} after step ${this.step}`
    try {
      const found = await this.application.readModel(name).find({ where: { order_id: this.order }, from, ...after })
      const shown = found.rows.map(({ status }) => status).join(', ') || 'no row'
      this.journal.count('reads')
      if (!found.degraded && shown !== String(this.step)) this.journal.found(`${what} shows ${shown}`)
    } catch (error) {
      this.judge(what, error as Error)
    }
    const took = performance.now() - began
    if (took > timeout + slack) this.journal.found(`${what} took ${Math.round(took)} ms`)
  }

  private judge(what: string, error: Error): void {
    if (!isTrifoldError(error) || error.code === 'UNEXPECTED') this.journal.found(`${what} failed: ${error.stack}`)
    else if (error.code === 'ERA_MISMATCH' && this.journal.branches === 0)
      this.journal.found(`${what} was refused: ${error.message}`)
    else this.journal.count(error.code)
  }

  private async forget(): Promise<void> {
    await this.client?.end().catch(() => {})
    this.client = undefined
  }
}

interface ReaderOptions {
  application: Trifold
  /** Where the commits go. */
  database: string
  journal: Journal
  honoursTokens: boolean
}

/** Some readers at once. */
export class Readers {
  private readonly readers: Reader[]
  private readonly going: Promise<unknown>

  constructor(count: number, seed: number, options: ReaderOptions) {
    const random = new Random(seed)
    this.readers = Array.from({ length: count }, (_, place) => new Reader(firstOrder + place, options))
    this.going = Promise.all(this.readers.map((reader) => reader.keepReading(random.fork())))
  }

  async stop(): Promise<void> {
    for (const reader of this.readers) reader.stopped = true
    await this.going
  }
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: 'chaos reader' })
  client.on('error', () => {})
  await client.connect()
  await client.query(`set datestyle = 'ISO'`)
  return client
}
