import { Client } from '@opensearch-project/opensearch'
import pg from 'pg'
import type { ShopTrifold } from '../trifold.config.ts'
import type { Breakage } from './context.ts'
import type { Engines } from './engines.ts'

/** A lock that nobody waits for blocks nothing: it ends by itself. */
const lockLength = 20_000

/** Breaks the read model of orders in the ways in which such things break. */
export class OrdersBreakage implements Breakage {
  private readonly engines: Engines
  private readonly trifold: ShopTrifold
  private holding: { client: pg.Client; until: Date; timer: NodeJS.Timeout } | undefined

  constructor(engines: Engines, trifold: ShopTrifold) {
    this.engines = engines
    this.trifold = trifold
  }

  lockedUntil(): Date | undefined {
    return this.holding?.until
  }

  /** Readers go on: a share lock holds up those who write. */
  async lockTable(): Promise<void> {
    if (this.holding) return
    const storage = await this.storageOf('order_summary@table')
    const client = new pg.Client({
      connectionString: this.engines.databaseUrl,
      application_name: 'somebody who forgot to commit',
    })
    client.on('error', () => {}) // the server may end first
    const timer = setTimeout(() => void this.unlock(), lockLength)
    this.holding = { client, until: new Date(Date.now() + lockLength), timer }
    await client.connect()
    await client.query('begin')
    await client.query(`lock table ${storage} in share mode`)
  }

  async deleteIndex(): Promise<void> {
    const index = await this.storageOf('order_summary@search')
    const client = new Client({ node: this.engines.searchUrl as string })
    try {
      await client.indices.delete({ index, ignore_unavailable: true })
    } finally {
      await client.close()
    }
  }

  async close(): Promise<void> {
    await this.unlock()
  }

  private async unlock(): Promise<void> {
    clearTimeout(this.holding?.timer)
    const client = this.holding?.client
    this.holding = undefined
    await client?.end()
  }

  private async storageOf(target: string): Promise<string> {
    const { targets } = await this.trifold.admin.status()
    const storage = targets.find((one) => one.target === target)?.storage
    if (!storage) throw new Error(`${target} has no storage`)
    return storage
  }
}
