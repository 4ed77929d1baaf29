import { setTimeout as rest } from 'node:timers/promises'
import { Random } from '../feed/random.ts'
import { MarketWriter } from '../support/market/writer.ts'
import type { Journal } from './journal.ts'

/** Sessions that change the market all the time, and connect again when they lose the database. */
export class Writers {
  private readonly database: string
  private readonly journal: Journal
  private readonly going: Promise<unknown>
  private stopped = false

  constructor(database: string, seed: number, journal: Journal, sessions = 2) {
    this.database = database
    this.journal = journal
    const random = new Random(seed)
    this.going = Promise.all(Array.from({ length: sessions }, () => this.keepWriting(random.fork())))
  }

  /** Lets the open transactions end. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.going
  }

  private async keepWriting(random: Random): Promise<void> {
    while (!this.stopped) {
      const writer = await MarketWriter.open(this.database, random).catch(() => undefined)
      if (writer) await this.writeWith(writer)
      else await rest(100)
    }
  }

  private async writeWith(writer: MarketWriter): Promise<void> {
    try {
      while (!this.stopped) {
        await writer.transaction()
        this.journal.count('transactions')
        await rest(15)
      }
    } catch {
      this.journal.count('broken transactions')
    } finally {
      await writer.close().catch(() => {})
    }
  }
}
