// A worker of the run in its own process. It starts once a line arrives on its standard input, tells its parent what it
// observes and, when asked, how much memory it needs, and stops in order at SIGTERM.

import { once } from 'node:events'
import type { Observe } from 'trifold'
import { resolveConfig } from '../../src/config.ts'
import { openWhenReachable } from '../../src/worker/open.ts'
import { startWorker } from '../../src/worker.ts'
import { shiftClock } from '../support/shifted-clock.ts'
import { type ChaosAddress, chaosConfig } from './config.ts'
import { breakTables } from './mutants.ts'

const { pageSize, ...address } = JSON.parse(process.argv[2] as string) as ChaosAddress & { pageSize: number }
const send = (message: unknown): void => void process.send?.(message, undefined, undefined, () => {})
const observe: Observe = (observation) => send(observation)
const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())

process.stdin.resume()
await once(process.stdin, 'data')
process.on('message', (asked: 'memory' | { clock: number }) => {
  if (asked !== 'memory') return shiftClock(asked.clock)
  globalThis.gc?.()
  send({ memory: process.memoryUsage() })
})
const trifold = await openWhenReachable(resolveConfig(chaosConfig(address)), { observe, signal: stopping.signal })
if (trifold) {
  breakTables(trifold, address.mutant)
  const worker = await startWorker(trifold, { observe, pageSize, signal: stopping.signal })
  await worker.ended
  await worker.stop()
  await trifold.close()
}
process.disconnect()
process.stdin.pause()
