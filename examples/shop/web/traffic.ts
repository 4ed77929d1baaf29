import type { Run } from '../demo/run.ts'
import { Traffic } from '../demo/traffic.ts'
import { createRandom } from '../random.ts'
import type { Shop } from '../shop.ts'
import { readIds } from '../shop-ids.ts'
import type { Engines } from './engines.ts'
import type { WebOptions } from './options.ts'

/** Others place orders and move them on until the signal aborts. */
export async function trafficUntil(
  signal: AbortSignal,
  shop: Shop,
  { databaseUrl }: Engines,
  { options }: Run<WebOptions>,
): Promise<void> {
  const traffic = new Traffic(shop, await readIds(databaseUrl), createRandom(Date.now()))
  await traffic.run({ rate: options.traffic, signal, onStep() {} })
}
