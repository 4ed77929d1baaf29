import { setTimeout as rest } from 'node:timers/promises'
import { Random } from '../../feed/random.ts'
import { MarketWriter } from './writer.ts'

/** Writers that change the market all the time, until they are paused. */
export class Load {
  transactions = 0
  private readonly writers: MarketWriter[]
  private going: Promise<unknown> | undefined
  private paused = false

  private constructor(writers: MarketWriter[]) {
    this.writers = writers
  }

  static async open(databaseUrl: string, seed: number, writers = 2): Promise<Load> {
    const random = new Random(seed)
    const opened = Array.from({ length: writers }, () => MarketWriter.open(databaseUrl, random.fork()))
    return new Load(await Promise.all(opened))
  }

  run(): void {
    this.paused = false
    this.going ??= Promise.all(this.writers.map((writer) => this.write(writer)))
  }

  /** Lets the open transactions end. */
  async pause(): Promise<void> {
    this.paused = true
    await this.going
    this.going = undefined
  }

  async close(): Promise<void> {
    await this.pause()
    await Promise.all(this.writers.map((writer) => writer.close()))
  }

  private async write(writer: MarketWriter): Promise<void> {
    while (!this.paused) {
      await writer.transaction()
      this.transactions += 1
      await rest(5) // the engines are shared with other tests
    }
  }
}
