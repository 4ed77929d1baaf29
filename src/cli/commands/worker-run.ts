import { leaseMilliseconds } from '../../lease/time.ts'
import { status } from '../../operator/status.ts'
import type { Toolkit } from '../../toolkit.ts'
import { startWatchdog } from '../../worker/watchdog.ts'
import { startWorker, type Worker } from '../../worker.ts'
import type { ConfigOptions } from '../configuration.ts'
import { type Console, colorsOf } from '../console.ts'
import { onStop } from '../signals.ts'
import { type WorkerLog, workerLog } from '../worker-log.ts'

export interface WorkerCommandOptions extends ConfigOptions {
  targets?: string[]
}

/** Runs the worker until a signal, or until every target has stopped by itself. */
export async function runWorker(console: Console, toolkit: Toolkit, options: WorkerCommandOptions): Promise<void> {
  for (const name of options.targets ?? []) toolkit.target(name) // refuses unknown names
  const log = workerLog(console.stdout, options.json ?? false)
  const watchdog = startWatchdog(leaseMilliseconds)
  const stopping = onStop()
  try {
    log.line(`worker: runs ${(options.targets ?? [...toolkit.targets.keys()]).join(', ')} (process ${process.pid})`)
    const worker = await startWorker(toolkit, {
      log: log.line,
      onFill: log.fill,
      ...(options.targets && { targets: options.targets }),
    })
    await untilEnd(console, toolkit, worker, stopping.asked, log)
  } finally {
    stopping.forget()
    await watchdog.close()
  }
}

async function untilEnd(
  console: Console,
  toolkit: Toolkit,
  worker: Worker,
  asked: Promise<string>,
  log: WorkerLog,
): Promise<void> {
  const signal = await Promise.race([asked, worker.ended.then(() => undefined)])
  if (signal) log.line(`worker: ${signal}: finishing what is under way`)
  else log.line('worker: every target has stopped')
  await worker.stop()
  if (signal) return log.line('worker: ended')
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
