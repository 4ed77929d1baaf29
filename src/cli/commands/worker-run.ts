import { leaseMilliseconds } from '../../lease/time.ts'
import { status } from '../../operator/status.ts'
import type { Toolkit } from '../../toolkit.ts'
import { startWatchdog } from '../../worker/watchdog.ts'
import { startWorker, type Worker } from '../../worker.ts'
import type { ConfigOptions } from '../configuration.ts'
import { type Console, colorsOf } from '../console.ts'
import { logTo } from '../log.ts'
import { onStop } from '../signals.ts'

export interface WorkerCommandOptions extends ConfigOptions {
  targets?: string[]
  verbose?: boolean
}

/** Runs the worker until a signal, or until every target has stopped by itself. */
export async function runWorker(console: Console, toolkit: Toolkit, options: WorkerCommandOptions): Promise<void> {
  for (const name of options.targets ?? []) toolkit.checkTarget(name)
  const { json, verbose } = options
  const watchdog = startWatchdog(leaseMilliseconds, { jsonLines: json ?? false })
  const stopping = onStop()
  try {
    const worker = await startWorker(toolkit, {
      observe: logTo(console.stdout, { json, verbose }),
      ...(options.targets && { targets: options.targets }),
    })
    await untilEnd(console, toolkit, worker, stopping.asked)
  } finally {
    stopping.forget()
    await watchdog.close()
  }
}

async function untilEnd(console: Console, toolkit: Toolkit, worker: Worker, asked: Promise<string>): Promise<void> {
  const signal = await Promise.race([asked, worker.ended.then(() => undefined)])
  await worker.stop(signal ?? 'every target has stopped')
  if (signal) return
  await summarize(console, toolkit)
  console.exitCode = 1
}

/** On stderr: why each target stopped. */
async function summarize(console: Console, toolkit: Toolkit): Promise<void> {
  const { targets } = await status(toolkit)
  const { red } = colorsOf(console.stderr)
  for (const { target, verdict, reason } of targets) {
    if (verdict === 'red') console.stderr.write(`${red('trifold:')} ${target}: ${reason}\n`)
  }
}
