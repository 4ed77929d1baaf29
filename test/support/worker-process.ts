// A worker of the market, or of the shop, in a process of its own, for tests that end or freeze it. It starts once a line arrives on its
// standard input, so that it can be loaded ahead of its time, tells its parent what it observes, and stops in order at
// SIGTERM.

import { once } from 'node:events'
import type { Observe } from 'trifold'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { failingModels } from './market/failing.ts'
import { marketConfig, marketModels } from './market.ts'
import { shopConfig } from './shop-config.ts'
import type { WorkerChildOptions } from './worker-child.ts'

const { pageSize, shop, failing, ...address } = JSON.parse(process.argv[2] as string) as WorkerChildOptions
const modelsOf = (failing = false) => (failing ? failingModels : marketModels)
const tell: Observe = (observation) => void process.send?.(observation, undefined, undefined, () => {})

process.stdin.resume()
await once(process.stdin, 'data')
const trifold = await openToolkit(
  resolveConfig(shop ? shopConfig(shop, address) : marketConfig(address, modelsOf(failing))),
)
const worker = await startWorker(trifold, { observe: tell, ...(pageSize && { pageSize }) })
await Promise.race([once(process, 'SIGTERM'), worker.ended])
await worker.stop()
await trifold.close()
process.stdin.pause()
