import type { ResolvedConfig } from '../../config.ts'
import type { Health, HealthAddress } from '../../health.ts'
import { leaseMilliseconds } from '../../lease-time.ts'
import type { Observe } from '../../observe.ts'
import { targetsNamed } from '../../operator/targets-named.ts'
import type { Toolkit } from '../../toolkit.ts'
import { openWhenReachable } from '../../worker/open.ts'
import { startWatchdog } from '../../worker/watchdog.ts'
import { startWorker, type Worker } from '../../worker.ts'
import type { ConfigOptions } from '../configuration.ts'
import type { Console } from '../console.ts'
import { logTo } from '../log.ts'
import { onStop, type Stopping } from '../signals.ts'
import { isWorkerChild } from './worker-child.ts'

export interface WorkerCommandOptions extends ConfigOptions {
  only?: string[]
  /** Milliseconds. */
  grace: number
  verifyBuilds: boolean
  verbose?: boolean
  health?: HealthAddress
}

/** Runs the worker until a signal. */
export async function runWorker(
  console: Console,
  config: ResolvedConfig,
  options: WorkerCommandOptions,
): Promise<void> {
  const { json, verbose } = options
  const observe = logTo(console.stdout, { json, verbose })
  const watchdog = startWatchdog(leaseMilliseconds, { jsonLines: json ?? false })
  const stopping = onStop({ isKept: isWorkerChild() })
  try {
    const toolkit = await openUnlessStopped(config, observe, stopping)
    if (toolkit) await runTargets(console, toolkit, { ...options, observe, stopping })
  } finally {
    stopping.forget()
    await watchdog.close()
  }
}

function openUnlessStopped(
  config: ResolvedConfig,
  observe: Observe,
  { asked }: Stopping,
): Promise<Toolkit | undefined> {
  const stop = new AbortController()
  asked.then(() => stop.abort())
  return openWhenReachable(config, { observe, signal: stop.signal })
}

async function runTargets(
  console: Console,
  toolkit: Toolkit,
  options: WorkerCommandOptions & { observe: Observe; stopping: Stopping },
): Promise<void> {
  const { observe, stopping, only, grace, verifyBuilds } = options
  let health: Health | undefined
  try {
    health = options.health && (await serveHealth(toolkit, options.health, observe))
    const targets = only && targetsNamed(toolkit, only)
    const observers = [observe, health?.observe ?? []].flat()
    const worker = await startWorker(toolkit, { observe: observers, verifyBuilds, ...(targets && { targets }) })
    await untilEnd(console, worker, stopping.asked, grace)
  } finally {
    await health?.close()
    await toolkit.close()
  }
}

async function serveHealth(toolkit: Toolkit, address: HealthAddress, observe: Observe): Promise<Health> {
  const { startHealth } = await import('../../health.ts')
  const health = await startHealth(toolkit, address)
  observe({ kind: 'health.opened', address: health.address })
  return health
}

async function untilEnd(console: Console, worker: Worker, asked: Promise<string>, grace: number): Promise<void> {
  const signal = await Promise.race([asked, worker.ended.then(() => undefined)])
  const cut = setTimeout(() => {
    const text = `what was under way has not ended within ${grace} ms, so the worker ends now; its leases run out by themselves`
    console.stderr.write(`trifold: ${text}\n`)
    process.exit(1)
  }, grace)
  await worker.stop(signal ?? 'there is no target to run')
  clearTimeout(cut)
  if (!signal) console.exitCode = 1
}
