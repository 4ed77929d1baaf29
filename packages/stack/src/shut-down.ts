import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { askSupervisor } from './control.ts'
import { endOrphans } from './orphans.ts'
import type { FoundStack } from './published.ts'

/**
 * Ends a published stack and returns when its engines have ended and its temporary folder is gone. A stale entry is
 * cleared, and engines that outlived their supervisor are ended. Throws `STACK_FAILED` when the supervisor does not finish.
 */
export async function shutDown(found: FoundStack): Promise<void> {
  if (found.report === undefined) return clearStale(found)
  const report = await askSupervisor(found.published.socket, 'stop', 60_000)
  if (report !== undefined) return
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: the supervisor (process ${found.published.supervisorPid}) did not stop the stack of ${found.published.folder} within 60 s. Look at the logs in ${found.published.dataFolder} and try again.`,
  )
}

/** Removes what a supervisor that was killed has left: engines, its temporary folder, the entry itself. */
export async function clearStale(found: FoundStack): Promise<void> {
  const { engines, runFolder } = found.published
  const homes = new Map(engines.map(({ pid, folder }) => [pid, dirname(folder)]))
  await endOrphans(engines, [runFolder, found.file], async (pid) => (await commandLine(pid)).includes(homes.get(pid)!))
}

/** A process number may be somebody else's by now; an engine of ours has its folder in its command line. */
function commandLine(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'args=', '-p', String(pid)], (error, out) => resolve(error ? '' : out))
  })
}
