import { createHash } from 'node:crypto'
import { link, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { cacheFolder } from './cache.ts'
import { askSupervisor } from './control.ts'
import type { Engine } from './engine.ts'
import type { SupervisorReport } from './supervisor-protocol.ts'
import type { Workspace } from './workspace.ts'

/** What other processes can read about a stack. */
export interface PublishedStack {
  /** The working folder that it serves. */
  folder: string
  detached: boolean
  /** ISO 8601. */
  startedAt: string
  supervisorPid: number
  socket: string
  /** Removed at the end. */
  runFolder: string
  dataFolder: string
  databaseUrl?: string | undefined
  openSearchUrl?: string | undefined
  openSearchUnavailable?: string | undefined
  openSearchCa?: string | undefined
  kafkaBrokers?: string | undefined
  kafkaUnavailable?: string | undefined
  redisUrl?: string | undefined
  engines: Omit<Engine, 'process'>[]
}

/** Where the stack of a working folder is published: one file a folder, so that projects do not meet. */
export async function publishedFile(env: NodeJS.ProcessEnv, folder: string): Promise<string> {
  const real = await realpath(folder)
  const name = createHash('sha256').update(real).digest('hex').slice(0, 16)
  return join(cacheFolder(env), 'stacks', `${name}.json`)
}

/** What a stack knows of its engines. */
type StackAddresses = Pick<
  PublishedStack,
  | 'databaseUrl'
  | 'openSearchUrl'
  | 'openSearchUnavailable'
  | 'openSearchCa'
  | 'kafkaBrokers'
  | 'kafkaUnavailable'
  | 'redisUrl'
> & { engines: Engine[] }

/** Publishes the stack; the file belongs to the supervisor, which removes it with the rest. */
export async function publishStack(
  workspace: Workspace,
  stack: StackAddresses,
  folder: string,
  detach: boolean,
): Promise<void> {
  const file = await publishedFile(workspace.env, folder)
  const socket = join(workspace.run, 'control.sock')
  await workspace.supervisor.listen(socket)
  await writeOnce(file, describe(workspace, stack, folder, detach, socket))
  await workspace.supervisor.own(file)
  if (detach) await workspace.supervisor.detach()
}

function describe(
  workspace: Workspace,
  stack: StackAddresses,
  folder: string,
  detached: boolean,
  socket: string,
): PublishedStack {
  const { databaseUrl, openSearchUrl, openSearchUnavailable, openSearchCa, kafkaBrokers, kafkaUnavailable, redisUrl } =
    stack
  return {
    folder,
    detached,
    startedAt: new Date().toISOString(),
    supervisorPid: workspace.supervisor.pid,
    socket,
    runFolder: workspace.run,
    dataFolder: workspace.data,
    databaseUrl,
    openSearchUrl,
    openSearchUnavailable,
    openSearchCa,
    kafkaBrokers,
    kafkaUnavailable,
    redisUrl,
    engines: stack.engines.map(({ process: _, ...engine }) => engine),
  }
}

/** A hard link appears whole and fails if the name is taken, so of two stacks that publish at once one gets an error. */
async function writeOnce(file: string, published: PublishedStack): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}`
  await writeFile(beside, `${JSON.stringify(published, null, 2)}\n`, { mode: 0o600 })
  try {
    await link(beside, file)
  } catch (cause) {
    throw new TrifoldError(
      'STACK_FAILED',
      `Stack: another stack serves ${published.folder}. Look at it with "trifold stack status" or end it with "trifold stack down".`,
      { cause },
    )
  } finally {
    await rm(beside, { force: true })
  }
}

/** A published stack and what its supervisor says; without a report nobody answers, so the entry is stale. */
export interface FoundStack {
  file: string
  published: PublishedStack
  report: SupervisorReport | undefined
}

/** The stack that serves a working folder, if one is published. */
export async function findStack(env: NodeJS.ProcessEnv, folder: string): Promise<FoundStack | undefined> {
  const file = await publishedFile(env, folder)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const published = JSON.parse(text) as PublishedStack
  return { file, published, report: await askSupervisor(published.socket, 'status', 5_000) }
}
