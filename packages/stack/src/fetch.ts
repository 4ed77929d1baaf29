import { chmod, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { takeTurn } from './fetch-lock.ts'
import { folderSize, inMegabytes, isFolder } from './folder.ts'
import { lastLines } from './log-tail.ts'
import { asStep, type StackPart } from './progress.ts'
import type { KeptProcess } from './supervisor.ts'
import type { Exit } from './supervisor-protocol.ts'
import { makeOwnedFolder, type Workspace } from './workspace.ts'

/** A distribution that one command of a package manager brings. */
export interface Fetch {
  part: StackPart
  /** For people: `PostgreSQL 18.4`. */
  title: string
  /** The name of its folder in the cache; holds the version, since a folder is never changed once it exists. */
  folder: string
  /** Writes what the command needs into that folder first. */
  prepare?: ((into: string) => Promise<void>) | undefined
  /** The command that fills the folder it is given. */
  command: (into: string) => { command: string; args: string[]; env?: NodeJS.ProcessEnv }
  /** The folder inside that is the distribution. */
  inside: string
  /** Last touches before the folder takes its place. */
  finish?: (folder: string) => Promise<void>
}

/**
 * The distribution's folder in the cache; fetched first when it is missing. It is filled under another name and renamed,
 * so that a folder of this name is always whole, however many processes fetch at once. Throws `STACK_FAILED` with the
 * end of the command's output when it fails.
 */
export async function fetchOnce(workspace: Workspace, fetch: Fetch): Promise<string> {
  const folder = join(workspace.cache, fetch.folder)
  if (await isFolder(folder)) return folder
  const release = await takeTurn(workspace, fetch, folder)
  try {
    if (!(await isFolder(folder))) await fetchInto(workspace, fetch, folder)
  } finally {
    await release()
  }
  return folder
}

async function fetchInto(workspace: Workspace, fetch: Fetch, folder: string): Promise<void> {
  const partial = await makeOwnedFolder(workspace.supervisor, join(workspace.cache, '.partial-'), 0o700)
  const log = join(workspace.run, `fetch-${fetch.part}.log`)
  const step = `fetching ${fetch.title}`
  try {
    await asStep(workspace.report, fetch.part, step, () => runFetch(workspace, fetch, partial, log), {
      watch: () => shareOf(log),
      detail: inMegabytes,
    })
    await putInPlace(join(partial, fetch.inside), folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function runFetch(workspace: Workspace, fetch: Fetch, partial: string, log: string): Promise<number> {
  await fetch.prepare?.(partial)
  const { command, args, env } = fetch.command(partial)
  const fetching = await workspace.supervisor.run({
    name: `fetch of ${fetch.title}`,
    command,
    args,
    env: { ...workspace.env, ...env },
    cwd: partial,
    logFile: log,
    stop: [{ signal: 'SIGTERM', waitMs: 2_000 }],
  })
  const exit = await endedUnlessAborted(fetching, workspace.signal)
  if (exit.code !== 0) throw await fetchFailure(fetch, command, args, log)
  await fetch.finish?.(join(partial, fetch.inside))
  await openToAll(join(partial, fetch.inside))
  return folderSize(join(partial, fetch.inside))
}

async function endedUnlessAborted(running: KeptProcess, signal: AbortSignal | undefined): Promise<Exit> {
  const abort = () => void running.end().catch(() => {})
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  const exit = await running.wait()
  signal?.removeEventListener('abort', abort)
  signal?.throwIfAborted()
  return exit
}

async function fetchFailure(fetch: Fetch, command: string, args: string[], log: string): Promise<TrifoldError> {
  return new TrifoldError(
    'STACK_FAILED',
    `Stack: ${fetch.title} could not be fetched. Check the network and the settings of the package manager, then try again; the command was\n  ${[command, ...args].join(' ')}\nand it said\n${await lastLines(log, 15)}`,
  )
}

async function putInPlace(whole: string, folder: string): Promise<void> {
  try {
    await rename(whole, folder)
  } catch (error) {
    if (!(await isFolder(folder))) throw error
  }
}

/** Archives bring their own modes, and root's umask may be strict: the engines' account must be able to read all. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755)
  }
}

/** Maven prints `Progress (1): 12/160 MB` while it downloads. */
async function shareOf(log: string): Promise<string | undefined> {
  const text = await readFile(log, 'utf8').catch(() => '')
  return [...text.matchAll(/Progress \(\d+\): ([^\r\n]+)/g)].at(-1)?.[1]?.trim()
}
