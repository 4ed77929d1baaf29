import { appendToOrders } from './append/orders.ts'
import { appendToUpdates } from './append/updates.ts'
import type { Bench } from './bench.ts'

/** What the append costs the writers. */
export const appendCost: Bench = {
  name: 'append',
  title: 'Writers with and without the append to the outbox',
  async run(context) {
    return [...(await appendToOrders(context)), ...(await appendToUpdates(context))]
  },
}
