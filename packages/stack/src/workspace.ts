import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { type Account, blockedAt, engineAccount } from './account.ts'
import { openCache } from './cache.ts'
import type { ReportProgress } from './progress.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'

/** What the parts of one stack have in common. */
export interface Workspace {
  supervisor: Supervisor
  /** Where fetched engines are. */
  cache: string
  /** A folder of this run, removed when the supervisor ends. */
  run: string
  /** Where the engines' data and logs are: below the run's folder, or the caller's own. */
  data: string
  account: Account | undefined
  env: NodeJS.ProcessEnv
  report: ReportProgress
  signal: AbortSignal | undefined
}

/** Starts the supervisor and makes the folders. The run's folder belongs to the supervisor before anything is put into it. */
export async function openWorkspace(options: {
  dataDir?: string | undefined
  env: NodeJS.ProcessEnv
  report: ReportProgress
  signal?: AbortSignal | undefined
}): Promise<Workspace> {
  const account = engineAccount()
  const cache = await openCache(options.env)
  const supervisor = await startSupervisor()
  try {
    const run = await makeRunFolder(supervisor, account)
    const data = options.dataDir === undefined ? run : resolve(options.dataDir)
    await mkdir(data, { recursive: true })
    await refuseBlocked(data, account)
    return { supervisor, cache, run, data, account, env: options.env, report: options.report, signal: options.signal }
  } catch (error) {
    await supervisor.stop()
    throw error
  }
}

/** Where the temporary folder is closed to the engines' account, /tmp is what every system opens to all. */
async function makeRunFolder(supervisor: Supervisor, account: Account | undefined): Promise<string> {
  const parent = (await blockedAt(tmpdir(), account)) === undefined ? tmpdir() : '/tmp'
  return makeOwnedFolder(supervisor, join(parent, 'trifold-'), account === undefined ? 0o700 : 0o711)
}

/**
 * Makes a folder with an unguessable name that goes with the supervisor. The supervisor learns of it first: a caller that is killed
 * between the two steps leaves nothing.
 */
export async function makeOwnedFolder(supervisor: Supervisor, prefix: string, mode: number): Promise<string> {
  const path = `${prefix}${randomBytes(8).toString('hex')}`
  await supervisor.own(path)
  await mkdir(path)
  await chmod(path, mode)
  return path
}

/** Makes a folder that only the engines' account can read. */
export async function makePrivateFolder(path: string, account: Account | undefined): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(path, account.uid, account.gid)
  return path
}

async function refuseBlocked(folder: string, account: Account | undefined): Promise<void> {
  const blocked = await blockedAt(folder, account)
  if (blocked === undefined) return
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: the account nobody, which runs the engines when the caller is root, may not enter ${blocked}. Choose a data folder that every user may enter, or start as another user than root.`,
    { details: { folder, blocked } },
  )
}
