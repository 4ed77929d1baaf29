// A worker of a comparison: a process that keeps one target and nothing else, so that what it uses is what the target
// costs.

import { dirname } from 'node:path'
import { loadConfig, type ResolvedConfig, resolveConfig } from 'trifold/internal/config'
import { leaseMilliseconds } from 'trifold/internal/lease-time'
import { levelOf, type Observe } from 'trifold/internal/observe'
import { describeObservation } from 'trifold/internal/operator/describe'
import { openToolkit, type Toolkit } from 'trifold/internal/toolkit'
import { startWorker } from 'trifold/internal/worker'
import { startWatchdog } from 'trifold/internal/worker/watchdog'
import { comparisonConfig } from '../configuration.ts'
import { inChild, tellParent } from '../in-child.ts'
import { timeIndexRefreshes } from './index-refreshes.ts'
import type { WorkerArguments, WorkerUsage } from './protocol.ts'
import { refreshView } from './refresh-view.ts'
import { SessionMeter } from './session-meter.ts'

await inChild<WorkerArguments>(async (args, signal) => {
  const meter = await SessionMeter.install(args.database)
  const indexRefreshes = timeIndexRefreshes()
  const toolkit = await openToolkit(await configurationOf(args))
  const watchdog = startWatchdog(leaseMilliseconds)
  const running = keep(toolkit, args, signal)
  process.on('message', async () => {
    const { user, system } = process.cpuUsage()
    tellParent({ cpu: (user + system) / 1_000, sessions: await meter.total(), indexRefreshes } satisfies WorkerUsage)
  })
  tellParent('ready')
  await running
  await toolkit.close()
  await meter.close()
  await watchdog.close()
})

async function configurationOf(args: WorkerArguments): Promise<ResolvedConfig> {
  const { database, search, indexPrefix, readModel, targets } = args
  const { config, file } = await loadConfig(args.configFile)
  const resolved = resolveConfig(config, dirname(file), { ...process.env, DATABASE_URL: database })
  return comparisonConfig(resolved, readModel, targets, {
    database,
    search: search && { ...resolved.search, ...search }, // a client of one's own is no part of the arguments
    indexPrefix,
  })
}

async function keep(toolkit: Toolkit, { readModel, kind, timing }: WorkerArguments, signal: AbortSignal) {
  const target = `${readModel}@${kind}`
  const stalled = new AbortController()
  const observe: Observe = (seen) => {
    if (seen.kind === 'worker.stalled') stalled.abort() // nobody resumes it: the comparison cannot go on
    if (levelOf(seen.kind) !== 'debug') process.stderr.write(`${describeObservation(seen)}\n`)
  }
  const kept = toolkit.target(target)
  if (timing && kept.fedBy === 'schedule') return refreshView(kept, timing, signal, observe)
  const worker = await startWorker(toolkit, {
    targets: [target],
    observe,
    signal: AbortSignal.any([signal, stalled.signal]),
  })
  await worker.ended
  await worker.stop()
}
