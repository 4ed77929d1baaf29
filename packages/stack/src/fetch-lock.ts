import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { isFolder } from './folder.ts'
import { processLives } from './orphans.ts'
import { asStep, type StackPart } from './progress.ts'
import type { Workspace } from './workspace.ts'

/**
 * Waits while another process fetches the same folder, and returns what ends its own turn. The lock only spares a second
 * download: that nothing breaks without it is the doing of the rename in the end, so a stale one is simply taken.
 */
export async function takeTurn(
  workspace: Workspace,
  fetch: { part: StackPart; title: string },
  folder: string,
): Promise<() => Promise<void>> {
  const lock = `${folder}.lock`
  if (!(await takeLock(lock))) {
    const step = `waiting for another process to fetch ${fetch.title}`
    await asStep(workspace.report, fetch.part, step, () => untilFetched(lock, folder, workspace.signal))
  }
  return () => dropLock(lock)
}

async function untilFetched(lock: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + 600_000
  while (performance.now() < deadline && !(await isFolder(folder))) {
    if (!(await holderLives(lock))) await rm(lock, { force: true })
    if (await takeLock(lock)) return
    await wait(200, undefined, { signal })
  }
}

async function takeLock(lock: string): Promise<boolean> {
  return writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}

async function dropLock(lock: string): Promise<void> {
  const holder = await readFile(lock, 'utf8').catch(() => '')
  if (holder === String(process.pid)) await rm(lock, { force: true })
}

async function holderLives(lock: string): Promise<boolean> {
  const age = Date.now() - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? 0)
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  return pid ? processLives(pid) : age < 5_000
}
