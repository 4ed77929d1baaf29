// `trifold serve` in a separate process, with a configuration of the benchmark.

import type { AddressInfo } from 'node:net'
import { serverOf } from '../../packages/http/src/command/server.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { Application } from '../../src/trifold.ts'
import { answerParent, childArguments } from '../child.ts'
import { type OrderSetup, orderConfig } from '../orders.ts'
import { productConfig } from './products.ts'

/** What it serves. */
export type Served = { orders: OrderSetup } | { products: { database: string; search: string } }

/** What it answers to the only question, whatever that is. */
export interface Listening {
  port: number
}

const served = childArguments<Served>()
const config =
  'orders' in served ? orderConfig(served.orders) : productConfig(served.products.database, served.products.search)
const toolkit = await openToolkit(config)
const trifold = new Application<never, never>(toolkit as never)
const app = await serverOf({
  trifold,
  settings: { access: 'open' },
  onError: (error) => process.stderr.write(`${String(error)}\n`),
})
await app.listen({ host: '127.0.0.1', port: 0 })

answerParent(
  async (): Promise<Listening> => ({ port: (app.server.address() as AddressInfo).port }),
  async () => {
    await app.close()
    await toolkit.close()
  },
)
