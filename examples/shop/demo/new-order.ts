import { readBack } from './probes.ts'
import type { Run } from './run.ts'
import type { Stage } from './stage.ts'

/** Places one order and shows when each target has it. */
export async function showNewOrder({ say, kit }: Run, { shop, ids, random, reader, targets }: Stage): Promise<void> {
  const started = performance.now()
  const lines = [{ productId: random.pick(ids.products), quantity: 2 }]
  const { id, commit } = await shop.placeOrder({ customerId: random.pick(ids.customers), lines })
  const committedAt = performance.now()
  say(
    `\nA new order, placed through the ORM in ${kit.inSeconds(committedAt - started)}, read back with its commit token:`,
  )
  await Promise.all(
    targets.map(async (target) => {
      const step = { what: 'placed', orderId: id, commit, committedAt }
      const { milliseconds, row } = await readBack(reader, target, step)
      const found = row ? `${row.number}, ${row.status_label}, ${(row.total_cents / 100).toFixed(2)}` : 'MISSING'
      say(`  order_summary@${target.padEnd(6)}  after ${kit.inSeconds(milliseconds).padStart(7)}  ${found}`)
    }),
  )
}
