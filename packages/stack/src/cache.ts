import { chmod, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { blockedAt, engineAccount } from './account.ts'

/**
 * The folder that holds fetched engines and the state of detached stacks: `TRIFOLD_CACHE`, else `/var/cache/trifold`
 * for root (whose home the engines' account may not enter), else the user's own cache folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.TRIFOLD_CACHE) return resolve(env.TRIFOLD_CACHE)
  if (process.getuid?.() === 0) return '/var/cache/trifold'
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'trifold')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'trifold')
  return join(homedir(), '.cache', 'trifold')
}

/**
 * Makes the cache folder if it is missing and returns its path. Throws `STACK_FAILED` when the engines' account could
 * not enter it.
 */
export async function openCache(env: NodeJS.ProcessEnv): Promise<string> {
  const folder = cacheFolder(env)
  const made = await mkdir(folder, { recursive: true, mode: 0o755 })
  if (made !== undefined) await chmod(folder, 0o755)
  const blocked = await blockedAt(folder, engineAccount())
  if (blocked === undefined) return folder
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: the cache folder ${folder} is out of reach of the account nobody, which runs the engines when the caller is root: ${blocked} is closed to it. Point TRIFOLD_CACHE at a folder that every user may enter.`,
    { details: { folder, blocked } },
  )
}
