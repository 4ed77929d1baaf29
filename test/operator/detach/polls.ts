import type { Application } from '../../../src/trifold.ts'
import type { DetachStand } from './stand.ts'

/** Reads all targets and the serving name again and again, and notes every error and every answer that lacks a row. */
export class Polls {
  readonly wrong = new Set<string>()
  reads = 0
  private stopped = false
  private readonly loops: Promise<void>[]

  /** @param rows as many as every answer has at least */
  constructor(stand: DetachStand, application: Application, rows: number) {
    const reads = stand.targets.map((target) => async () => {
      const from = target.split('@')[1] as 'table'
      return (await application.readModel('item').find({ from })).rows.length
    })
    const inSql = async () => Number((await stand.query('select count(id) as rows from item')).rows[0]?.rows)
    this.loops = [...reads, inSql].map((read) => this.poll(read, rows))
  }

  /** Ends the loops. */
  async stop(): Promise<void> {
    this.stopped = true
    await Promise.all(this.loops)
  }

  private async poll(read: () => Promise<number>, rows: number): Promise<void> {
    while (!this.stopped) {
      const found = await read().catch((error: Error) => error.message)
      this.reads += 1
      if (typeof found === 'string') this.wrong.add(found)
      else if (found < rows) this.wrong.add(`${found} rows`)
    }
  }
}
