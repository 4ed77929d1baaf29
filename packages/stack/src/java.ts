import { execFile } from 'node:child_process'
import { readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { type Account, blockedAt } from './account.ts'
import { findOnPath } from './find-on-path.ts'
import type { Workspace } from './workspace.ts'

/** A Java runtime of this machine. */
export interface Java {
  /** The `java` command. */
  command: string
  home: string
  /** Its feature release: 21, 25. */
  release: number
}

/** Folders whose subfolders are Java installations, as Linux packages, macOS and SDKMAN lay them out. */
export function usualJvmFolders(): string[] {
  return [
    '/usr/lib/jvm',
    '/usr/lib64/jvm',
    '/opt/java',
    '/Library/Java/JavaVirtualMachines',
    join(homedir(), '.sdkman/candidates/java'),
  ]
}

/** What needs a Java. */
export interface NeedsJava {
  /** For people: `OpenSearch 3.8.0`. */
  title: string
  /** The oldest release that runs it. */
  oldest: number
  /** What to do without one: `give the address of an OpenSearch in OPENSEARCH_URL`. */
  instead: string
}

/** The Java of this machine that is preferred of those that run an engine. Throws `STACK_FAILED` with what to install. */
export async function chooseJava(
  { env, account }: Pick<Workspace, 'env' | 'account'>,
  { title, oldest, instead }: NeedsJava,
  folders: string[] | undefined,
): Promise<Java> {
  const found = await findJava(env, account, folders)
  const java = found.find(({ release }) => release >= oldest)
  if (java !== undefined) return java
  const seen =
    found.length === 0
      ? 'no Java was found'
      : `only ${found.map(({ home, release }) => `Java ${release} in ${home}`).join(', ')} was found`
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: ${title} needs Java ${oldest} or newer, and ${seen}. Install a Java 21 or 25 (a JRE will do) and name its folder in OPENSEARCH_JAVA_HOME if it is in an unusual place, or ${instead}.`,
    { details: { found } },
  )
}

/**
 * Asks every Java of this machine for its release: those named by OPENSEARCH_JAVA_HOME and JAVA_HOME, the one on the
 * PATH, then those in `folders`, long-term releases and newer ones first. The order is the order of preference. Runtimes
 * that `account` cannot reach are left out.
 */
export async function findJava(
  env: NodeJS.ProcessEnv,
  account: Account | undefined,
  folders: string[] = usualJvmFolders(),
): Promise<Java[]> {
  const named = [env.OPENSEARCH_JAVA_HOME, env.JAVA_HOME].filter(
    (home) => home !== undefined && home !== '',
  ) as string[]
  const onPath = await findOnPath('java', env)
  const chosen = [...named.map((home) => join(home, 'bin', 'java')), ...(onPath === undefined ? [] : [onPath])]
  const first = await askAll(chosen, account)
  const others = await askAll(await javaCommandsIn(folders), account)
  const unseen = others.filter((java) => !first.some((seen) => seen.home === java.home))
  return [...first, ...unseen.sort((a, b) => rank(b) - rank(a))]
}

/** Long-term releases are what OpenSearch is built and tested on. */
function rank(java: Java): number {
  const longTerm = java.release === 21 || java.release === 25
  return (longTerm ? 1000 : 0) + java.release
}

async function javaCommandsIn(folders: string[]): Promise<string[]> {
  const listed = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.flatMap((name) => [
        join(folder, name, 'bin', 'java'),
        join(folder, name, 'Contents', 'Home', 'bin', 'java'),
      ])
    }),
  )
  return listed.flat()
}

async function askAll(commands: string[], account: Account | undefined): Promise<Java[]> {
  const real = await Promise.all(commands.map((command) => realpath(command).catch(() => undefined)))
  const known = [...new Set(real)].filter((command) => command !== undefined)
  const asked = await Promise.all(known.map((command) => ask(command, account)))
  return asked.filter((java) => java !== undefined)
}

async function ask(command: string, account: Account | undefined): Promise<Java | undefined> {
  if ((await blockedAt(dirname(command), account)) !== undefined) return undefined
  const said = await new Promise<string>((resolve) => {
    execFile(command, ['-version'], { timeout: 20_000 }, (error, _out, err) => resolve(error ? '' : err))
  })
  const found = /version "(?:1\.)?(\d+)/.exec(said)
  return found ? { command, home: dirname(dirname(command)), release: Number(found[1]) } : undefined
}
