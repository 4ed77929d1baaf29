// A worker of the market in a process of its own, for tests that end or freeze it. It starts once a line arrives on its
// standard input, so that it can be loaded ahead of its time, and stops in order at SIGTERM.

import { once } from 'node:events'
import { openTrifold } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { type MarketAddress, marketConfig } from './market.ts'

const { pageSize, ...address } = JSON.parse(process.argv[2] as string) as MarketAddress & { pageSize?: number }
const say = (line: string) => process.stdout.write(`${line}\n`)

say('loaded')
process.stdin.resume()
await once(process.stdin, 'data')
const trifold = await openTrifold(marketConfig(address))
const worker = await startWorker(trifold, { log: say, ...(pageSize && { pageSize }) })
say('started')
await Promise.race([once(process, 'SIGTERM'), worker.ended])
await worker.stop()
await trifold.close()
say('stopped')
process.stdin.pause()
