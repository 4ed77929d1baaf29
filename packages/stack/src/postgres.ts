import { randomBytes } from 'node:crypto'
import { chown, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { type Engine, engineOf } from './engine.ts'
import { atFreePorts } from './free-port.ts'
import { lastLines } from './log-tail.ts'
import { fetchPostgres, postgresVersion } from './postgres/distribution.ts'
import { asStep } from './progress.ts'
import { untilReady } from './readiness.ts'
import type { KeptProcess } from './supervisor.ts'
import { makePrivateFolder, type Workspace } from './workspace.ts'

/** How to start PostgreSQL. */
export interface PostgresOptions {
  /** A loopback port; a free one by default. */
  port?: number | undefined
  /** Server settings by name, added to the defaults. */
  settings?: Record<string, string> | undefined
}

const defaults: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/**
 * Starts PostgreSQL on the loopback address, with a password that only the owner of the stack can read, no Unix socket, UTC, and UTF-8 with
 * the built-in C.UTF-8 locale, so that it sorts and folds alike on every system. Its data stays as durable as
 * PostgreSQL's own defaults make it.
 */
export async function startPostgres(workspace: Workspace, options: PostgresOptions = {}): Promise<Engine> {
  const native = await fetchPostgres(workspace)
  return asStep(workspace.report, 'postgres', `starting PostgreSQL ${postgresVersion}`, async () => {
    const home = await makePrivateFolder(join(workspace.data, 'postgres'), workspace.account)
    const server = {
      workspace,
      native,
      cluster: join(home, 'data'),
      passwordFile: join(home, 'password'),
      log: join(workspace.data, 'postgres.log'),
    }
    await initialize(server)
    const settings = options.settings ?? {}
    return atFreePorts([options.port], ([port]) => launchAt(server, port as number, settings))
  })
}

interface Server {
  workspace: Workspace
  native: string
  /** PostgreSQL's own data folder. */
  cluster: string
  /** The password of the superuser, in a folder that only the engine's account may enter. */
  passwordFile: string
  log: string
}

async function initialize(server: Server): Promise<void> {
  const major = (await readFile(join(server.cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (major === postgresVersion.split('.')[0]) return
  if (major !== '') throw foreignCluster(server.cluster, major)
  await writePassword(server)
  const temporary = server.workspace.data === server.workspace.run
  const initdb = await run(server, 'initdb', [
    `--pgdata=${server.cluster}`,
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--auth=scram-sha-256',
    `--pwfile=${server.passwordFile}`,
    ...(temporary ? ['--no-sync'] : []),
  ])
  const exit = await initdb.wait()
  if (exit.code === 0) return
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: initdb of PostgreSQL failed and said\n${await lastLines(server.log, 15)}`,
  )
}

async function writePassword({ passwordFile, workspace: { account } }: Server): Promise<void> {
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid)
}

/** A cluster without one lets every user of the machine in. */
async function readPassword({ passwordFile, cluster }: Server): Promise<string> {
  const text = await readFile(passwordFile, 'utf8').catch((cause) => {
    throw new TrifoldError(
      'STACK_FAILED',
      `Stack: the PostgreSQL in ${cluster} has no password, since an earlier version made it. Choose another data folder; to keep the data, dump it with that version first.`,
      { cause },
    )
  })
  return text.trim()
}

function foreignCluster(cluster: string, major: string): TrifoldError {
  return new TrifoldError(
    'STACK_FAILED',
    `Stack: the data folder ${cluster} was written by PostgreSQL ${major} and cannot be served by ${postgresVersion}. Choose another data folder, or move the data with pg_dump.`,
    { details: { cluster, major } },
  )
}

async function launchAt(server: Server, port: number, settings: Record<string, string>): Promise<Engine> {
  const all = Object.entries({ ...defaults, ...settings, port: String(port) })
  const password = await readPassword(server)
  const process = await run(server, 'postgres', [
    '-D',
    server.cluster,
    ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ])
  await untilReady({
    name: 'PostgreSQL',
    process,
    logFile: server.log,
    probe: () => isReady(server.cluster, process.pid),
    everyMs: 15,
    timeoutMs: 60_000,
    signal: server.workspace.signal,
  })
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const { cluster: folder, log: logFile } = server
  return { ...engineOf(process), name: 'postgres', version: postgresVersion, url, port, folder, logFile }
}

/** PostgreSQL writes its state into the eighth line of its pid file, which is what pg_ctl waits for. */
async function isReady(cluster: string, pid: number): Promise<true | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready' ? true : undefined
}

/** Fast shutdown first, immediate shutdown when that hangs. */
function run(server: Server, binary: 'initdb' | 'postgres', args: string[]): Promise<KeptProcess> {
  return server.workspace.supervisor.run({
    name: binary,
    command: join(server.native, 'bin', binary),
    args,
    env: { PATH: server.workspace.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    ...server.workspace.account,
    logFile: server.log,
    stop: [
      { signal: 'SIGINT', waitMs: 10_000 },
      { signal: 'SIGQUIT', waitMs: 5_000 },
    ],
  })
}
