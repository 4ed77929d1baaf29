// Steps that only go up, and readers who notice if one goes down.
import type { Row } from '../../../src/encoding.ts'
import type { TestDatabase } from '../database.ts'
import { until } from '../until.ts'
import { advanceOrder, changeImage, inOneTransaction, placeOrder } from './writer.ts'

/** The orders that take the steps. */
export const orders = [1, 2, 3]

/** Places the orders that take the steps, and other orders up to the id `last`. */
export async function placeOrders({ pool }: TestDatabase, last: number): Promise<void> {
  await pool.query(
    `insert into orders (id, status, quantity, product_id, day, changed_at)
    select id, 0, 1, 3, '2026-01-01', now()
    from generate_series(1001, $1::integer) as id`,
    [last],
  )
  const order = { quantity: 1, productId: 1, day: '2026-01-01' }
  for (const id of orders) await inOneTransaction(pool, (client) => placeOrder(client, id, order))
}

/** Does one thing again and again, until it is stopped. */
export class Loop {
  private stopped = false
  private readonly going: Promise<void>

  constructor(step: () => Promise<void>) {
    this.going = this.run(step)
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.going
  }

  private async run(step: () => Promise<void>): Promise<void> {
    while (!this.stopped) await step()
  }
}

/** Steps that only go up, in each of the orders and in the image of their product. */
export function writeSteps(database: TestDatabase): Loop {
  let step = 0
  return new Loop(async () => {
    step += 1
    await inOneTransaction(database.pool, async (client) => {
      for (const id of orders) await advanceOrder(client, id, step)
      if (step % 10 === 0) await changeImage(client, 1, `image 1.${step}`)
    })
  })
}

type FindOrders = (request: { where: { order_id: { in: number[] } } }) => Promise<{ rows: Row[] }>

/** Reads the orders as fast as they are answered, and notes what goes backwards, is missing or fails. */
export class StepReader {
  readonly backwards: string[] = []
  private reads = 0
  private readonly seen = new Map<string, number>()
  private readonly loop: Loop

  constructor(find: FindOrders) {
    this.loop = new Loop(() => this.read(find))
  }

  stop(): Promise<void> {
    return this.loop.stop()
  }

  /** Waits until it has been answered so many times more. */
  async readsOn(times = 10): Promise<void> {
    const before = this.reads
    await until(`${times} more answers`, () => this.reads >= before + times)
  }

  /** Waits until it has seen a step that is above those that are shown now. */
  async seesMore(): Promise<void> {
    await this.readsOn(2) // the first may have begun before
    const before = this.highest
    await until(`a step above ${before}`, () => this.highest > before)
  }

  /** Waits until something goes backwards. */
  async seesLess(): Promise<void> {
    await until('something goes backwards', () => this.backwards.length > 0)
  }

  private get highest(): number {
    return Math.max(0, ...this.seen.values())
  }

  private async read(find: FindOrders): Promise<void> {
    try {
      const { rows } = await find({ where: { order_id: { in: orders } } })
      this.reads += 1
      if (rows.length !== orders.length) this.backwards.push(`${rows.length} rows`)
      for (const row of rows) this.lookAt(row)
    } catch (error) {
      this.backwards.push(String(error))
    }
  }

  private lookAt(row: Row): void {
    this.look(`status of ${row.order_id}`, Number(row.status))
    if (row.image) this.look(`image of ${row.order_id}`, Number(String(row.image).split('.')[1]))
  }

  private look(what: string, step: number): void {
    const before = this.seen.get(what) ?? 0
    if (step < before) this.backwards.push(`${what}: ${step} after ${before}`)
    this.seen.set(what, step)
  }
}
