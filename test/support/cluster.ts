import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { engineAccount } from '../../packages/stack/src/account.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** Where Debian, Red Hat and Homebrew put the tools that make a standby: they are not among the npm binaries. */
const folders = ['15', '16', '17', '18', '14'].flatMap((version) => [
  `/usr/lib/postgresql/${version}/bin`,
  `/usr/pgsql-${version}/bin`,
  `/opt/homebrew/opt/postgresql@${version}/bin`,
])

const binaries = folders.find((folder) =>
  ['initdb', 'postgres', 'pg_basebackup', 'pg_ctl', 'pg_dump', 'pg_restore'].every((name) =>
    existsSync(join(folder, name)),
  ),
)

/** Why clusters of a test's own cannot be started here, or an empty string. In CI they must. */
export function clusterUnavailable(): string {
  const reason = binaries ? '' : `no folder of PostgreSQL with pg_basebackup was found (${folders[0]}, …)`
  if (reason && process.env.CI) throw new Error(`the tests of failover need PostgreSQL's own tools: ${reason}`)
  if (reason) process.stderr.write(`tests of failover are skipped: ${reason}\n`)
  return reason
}

const account = engineAccount()

/** Runs one of PostgreSQL's tools. */
async function postgresTool(name: string, args: string[]): Promise<void> {
  await run(join(binaries as string, name), args, { ...account, cwd: '/' })
}

/** One server of PostgreSQL with a folder of its own. */
export class Cluster {
  readonly folder: string
  readonly port: number
  private settings: Record<string, string>
  private running: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> } | undefined

  private constructor(folder: string, port: number, settings: Record<string, string>) {
    this.folder = folder
    this.port = port
    this.settings = settings
  }

  /** A new cluster, started, with these settings beside its own. */
  static async create(settings: Record<string, string> = {}): Promise<Cluster> {
    const cluster = new Cluster(await ownFolder(), await freePort(), settings)
    await postgresTool('initdb', [
      '-D',
      cluster.data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-N',
      '--no-instructions',
      '-E',
      'UTF8',
      '--locale=C',
    ])
    await cluster.start()
    return cluster
  }

  /** A cluster that keeps all of its log, started. */
  static async archived(): Promise<Cluster> {
    const cluster = await Cluster.create()
    await cluster.stop('SIGINT')
    await ownFolder(cluster.archive)
    cluster.settings = { archive_mode: 'on', archive_command: `cp %p ${cluster.archive}/%f` }
    await cluster.start()
    return cluster
  }

  /** Copies its data as they are for {@link recover}. */
  async backup(): Promise<void> {
    const from = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres']
    await postgresTool('pg_basebackup', ['-D', this.kept, ...from, '-X', 'none', '-c', 'fast', '-N'])
  }

  /** Puts the backup back and recovers it from the archive to a restore point, in the place of its data. */
  async recover(point: string): Promise<void> {
    await this.stop('SIGINT') // which archives the rest of the log
    await rm(this.data, { recursive: true })
    await rename(this.kept, this.data)
    await writeFile(join(this.data, 'recovery.signal'), '')
    const { settings } = this
    const target = { recovery_target_name: point, recovery_target_action: 'promote' }
    this.settings = { ...settings, restore_command: `cp ${this.archive}/%f %p`, ...target }
    await this.start()
    await until('it is recovered', async () => !(await this.query('select pg_is_in_recovery() as it')).rows[0].it)
    this.settings = settings
  }

  /** A second server on a copy of its data, not started, as a snapshot of its volume makes one; it has to be stopped. */
  async clone(): Promise<Cluster> {
    const clone = new Cluster(await ownFolder(), await freePort(), this.settings)
    await run('cp', ['-a', this.data, clone.data])
    return clone
  }

  /** A standby of this cluster, not started: one that does not follow it is a copy, and a primary itself. */
  async standby({ follows = true } = {}): Promise<Cluster> {
    const standby = new Cluster(await ownFolder(), await freePort(), this.settings)
    const from = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres']
    await postgresTool('pg_basebackup', ['-D', standby.data, ...from, '-X', 'stream', '-R', '-c', 'fast', '-N'])
    if (!follows) await rm(join(standby.data, 'standby.signal'))
    return standby
  }

  get url(): string {
    return this.urlOf('postgres')
  }

  urlOf(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`
  }

  async start(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      wal_level: 'replica',
      ...this.settings,
    }
    const args = ['-D', this.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
    const server = spawn(join(binaries as string, 'postgres'), args, { ...account, cwd: '/', stdio: 'ignore' })
    this.running = { kill: (signal) => void server.kill(signal), ended: once(server, 'exit') }
    await until('the server answers', () =>
      this.query('select 1').then(
        () => true,
        () => false,
      ),
    )
  }

  /** Makes a primary of a standby. */
  async promote(): Promise<void> {
    await this.query('select pg_promote(true, 30)')
  }

  /** Keeps its data as they are, as a snapshot of its volume would; it has to be stopped. @returns puts them back */
  async snapshot(): Promise<() => Promise<void>> {
    await run('cp', ['-a', this.data, this.kept])
    return async () => {
      await rm(this.data, { recursive: true })
      await rename(this.kept, this.data)
    }
  }

  /** Dumps a database. @returns the file */
  async dump(database = 'postgres'): Promise<string> {
    const file = join(this.folder, `${database}.dump`)
    await postgresTool('pg_dump', ['-Fc', '-d', this.urlOf(database), '-f', file])
    return file
  }

  /** Restores a dump into an empty database. */
  async restore(dump: string, database = 'postgres'): Promise<void> {
    await postgresTool('pg_restore', ['-e', '-d', this.urlOf(database), dump])
  }

  async query(statement: string, database = 'postgres'): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.urlOf(database) })
    client.on('error', () => {})
    await client.connect()
    try {
      return await client.query(statement)
    } finally {
      await client.end()
    }
  }

  /** `SIGINT` ends all sessions and writes a checkpoint, `SIGQUIT` is the end of a machine. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGQUIT'): Promise<void> {
    this.running?.kill(signal)
    await this.running?.ended
    this.running = undefined
  }

  async close(): Promise<void> {
    await this.stop()
    await rm(this.folder, { recursive: true })
  }

  private get data(): string {
    return join(this.folder, 'data')
  }

  /** Where a backup or a snapshot is. */
  private get kept(): string {
    return join(this.folder, 'kept')
  }

  private get archive(): string {
    return join(this.folder, 'archive')
  }
}

async function ownFolder(path?: string): Promise<string> {
  if (path !== undefined) await mkdir(path)
  const folder = path ?? (await mkdtemp(join(tmpdir(), 'trifold-cluster-')))
  if (account) await chown(folder, account.uid, account.gid)
  return folder
}
