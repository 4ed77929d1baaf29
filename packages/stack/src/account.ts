import { execFileSync } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** A user and group of the operating system, by number. */
export interface Account {
  uid: number
  gid: number
}

/**
 * The account that the engines run as: `nobody` if this process is root, since PostgreSQL and OpenSearch both refuse
 * to run as root, and `undefined` (this process's own) everywhere else.
 */
export function engineAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: askId('-u'), gid: askId('-g') }
}

/** `id` also knows accounts that are in no /etc/passwd; the shift to 32 signed bits is how Node takes macOS's -2. */
function askId(kind: '-u' | '-g'): number {
  return Number(execFileSync('id', [kind, 'nobody'], { encoding: 'utf8' }).trim()) | 0
}

/**
 * The outermost folder on the way to `path` that `account` may not enter, or `undefined` when the way is free. Without
 * an account (this process's own) the way counts as free.
 */
export async function blockedAt(path: string, account: Account | undefined): Promise<string | undefined> {
  if (account === undefined) return undefined
  for (const folder of wayTo(resolve(path))) {
    if (!(await mayEnter(folder, account))) return folder
  }
  return undefined
}

function wayTo(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [...wayTo(parent), path]
}

async function mayEnter(folder: string, account: Account): Promise<boolean> {
  const entry = await stat(folder).catch(() => undefined)
  if (entry === undefined || !entry.isDirectory()) return true
  if (entry.uid === account.uid) return (entry.mode & 0o100) !== 0
  if (entry.gid === account.gid) return (entry.mode & 0o010) !== 0
  return (entry.mode & 0o001) !== 0
}
