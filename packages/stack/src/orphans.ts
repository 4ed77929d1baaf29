import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** A process that has lost its supervisor. */
export interface Orphan {
  pid: number
  /** The signal that ends it in its own way. */
  stopSignal: NodeJS.Signals
}

/**
 * Ends processes that this one is not the parent of, each by its own signal and after ten seconds by SIGKILL, then
 * removes `paths`. `isOurs` is asked before every signal, because a number may be given to another process.
 */
export async function endOrphans(
  orphans: Orphan[],
  paths: string[],
  isOurs: (pid: number) => boolean | Promise<boolean>,
): Promise<void> {
  await Promise.all(orphans.map((orphan) => endOrphan(orphan, isOurs)))
  for (const path of paths) await rm(path, { recursive: true, force: true, maxRetries: 5 })
}

async function endOrphan(orphan: Orphan, isOurs: (pid: number) => boolean | Promise<boolean>): Promise<void> {
  for (const signal of [orphan.stopSignal, 'SIGKILL'] as const) {
    if (await isOurs(orphan.pid)) process.kill(orphan.pid, signal)
    const deadline = performance.now() + 10_000
    while (performance.now() < deadline) {
      if (!(await isOurs(orphan.pid))) return
      await wait(50)
    }
  }
}

/** Whether a process with this number exists. */
export function processLives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
