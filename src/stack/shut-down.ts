import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { TrifoldError } from '../errors.ts'
import { askKeeper } from './control.ts'
import type { FoundStack, PublishedStack } from './published.ts'

/**
 * Ends a published stack and returns when its engines have ended and its temporary folder is gone. A stale entry is
 * cleared, and engines that outlived their keeper are ended. Throws `STACK_FAILED` when the keeper does not finish.
 */
export async function shutDown(found: FoundStack): Promise<void> {
  if (found.report === undefined) return clearStale(found)
  const report = await askKeeper(found.published.socket, 'stop', 60_000)
  if (report !== undefined) return
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: the keeper (process ${found.published.keeperPid}) did not stop the stack of ${found.published.folder} within 60 s. Look at the logs in ${found.published.dataFolder} and try again.`,
  )
}

/** Removes what a keeper that was killed has left: engines, its temporary folder, the entry itself. */
export async function clearStale(found: FoundStack): Promise<void> {
  await Promise.all(found.published.engines.map(endLeftover))
  await rm(found.published.runFolder, { recursive: true, force: true, maxRetries: 5 })
  await rm(found.file, { force: true })
}

/** A process number may be somebody else's by now; an engine of ours has its folder in its command line. */
async function endLeftover(engine: PublishedStack['engines'][number]): Promise<void> {
  const home = engine.folder.slice(0, engine.folder.lastIndexOf('/'))
  const steps: NodeJS.Signals[] = [engine.name === 'postgres' ? 'SIGINT' : 'SIGTERM', 'SIGKILL']
  for (const signal of steps) {
    for (let tenths = 0; tenths < 100; tenths += 1) {
      if (!(await commandLine(engine.pid)).includes(home)) return
      if (tenths === 0) process.kill(engine.pid, signal)
      await wait(100)
    }
  }
}

function commandLine(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'args=', '-p', String(pid)], (error, out) => resolve(error ? '' : out))
  })
}
