// A worker of a comparison: a process that keeps one target and nothing else, so that what it uses is what the target
// costs. It ends in order when its parent lets go of it, for whatever reason.

import { dirname } from 'node:path'
import { loadConfig, resolveConfig } from '../../config.ts'
import { leaseMilliseconds } from '../../consumer/lease-time.ts'
import { openToolkit } from '../../toolkit.ts'
import { startWatchdog } from '../../worker/watchdog.ts'
import { startWorker } from '../../worker.ts'
import { comparisonConfig } from '../configuration.ts'
import { timeIndexRefreshes } from './index-refreshes.ts'
import type { WorkerArguments, WorkerUsage } from './protocol.ts'
import { refreshView } from './refresh-view.ts'
import { SessionMeter } from './session-meter.ts'

process.on('SIGINT', () => {}) // a Ctrl-C reaches the parent too, which ends this process in its turn
process.on('SIGTERM', () => {})

const stopping = new AbortController()
process.on('disconnect', () => stopping.abort())

const asked = JSON.parse(process.argv[2] as string) as WorkerArguments
const log = (line: string) => void process.stderr.write(`${line}\n`)
const meter = await SessionMeter.install(asked.database)
const indexRefreshes = timeIndexRefreshes()
const toolkit = await openToolkit(await configuration())
const watchdog = startWatchdog(leaseMilliseconds)
const running = keep()

process.on('message', async () => {
  const { user, system } = process.cpuUsage()
  const usage: WorkerUsage = { cpu: (user + system) / 1_000, sessions: await meter.total(), indexRefreshes }
  process.send?.(usage)
})
process.send?.('ready')

await running
await toolkit.close()
await meter.close()
await watchdog.close()
process.exit()

async function configuration() {
  const { config, file } = await loadConfig(asked.configFile)
  const { database, search, indexPrefix } = asked
  const resolved = resolveConfig(config, dirname(file), { ...process.env, DATABASE_URL: database })
  return comparisonConfig(resolved, asked.readModel, asked.targets, { database, search, indexPrefix })
}

async function keep(): Promise<void> {
  const target = `${asked.readModel}@${asked.kind}`
  if (asked.timing) return refreshView(toolkit.target(target), asked.timing, stopping.signal, log)
  const worker = await startWorker(toolkit, { targets: [target], log, signal: stopping.signal })
  await worker.ended
  await worker.stop()
}
