import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'
import { startOpenSearch } from '../../packages/stack/src/opensearch.ts'
import { startPostgres } from '../../packages/stack/src/postgres.ts'
import { untilReady } from '../../packages/stack/src/readiness.ts'
import { openWorkspace, type Workspace } from '../../packages/stack/src/workspace.ts'
import { freePort } from '../support/free-port.ts'
import { Disk } from './disk.ts'
import { ChaosEngine, type Started } from './engine.ts'
import { Standby } from './standby.ts'

/** What survives the end of the process survives without waiting for the disk too. */
const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200', max_wal_size: '128MB' }

/** PostgreSQL, OpenSearch and Redis of one run, which end with this process, however it ends. */
export class Engines {
  readonly postgres: ChaosEngine
  readonly openSearch: ChaosEngine
  readonly redis: ChaosEngine
  /** That of PostgreSQL; undefined if this user may not mount one. */
  readonly disk: Disk | undefined
  readonly standby: Standby
  private readonly workspace: Workspace

  private constructor(
    workspace: Workspace,
    disk: Disk | undefined,
    [postgres, openSearch, redis]: [ChaosEngine, ChaosEngine, ChaosEngine],
  ) {
    this.workspace = workspace
    this.disk = disk
    this.standby = new Standby(join(workspace.data, 'postgres', 'data'), join(workspace.data, 'standby'))
    this.postgres = postgres
    this.openSearch = openSearch
    this.redis = redis
  }

  static async start(log: (line: string) => void): Promise<Engines> {
    const env = { OPENSEARCH_JAVA_OPTS: '-XX:TieredStopAtLevel=1', ...process.env }
    const workspace = await openWorkspace({ env, report: ({ step, state }) => state === 'begin' && log(step) })
    const disk = await Disk.mount(join(workspace.data, 'postgres'))
    try {
      return new Engines(
        workspace,
        disk,
        await Promise.all([
          ChaosEngine.start('PostgreSQL', (port) => startPostgres(workspace, { port, settings })),
          ChaosEngine.start('OpenSearch', (port) => startOpenSearch(workspace, { port })),
          ChaosEngine.start('Redis', (port) => startRedis(workspace, port)),
        ]),
      )
    } catch (error) {
      await disk?.unmount()
      await workspace.supervisor.stop()
      throw error
    }
  }

  get all(): ChaosEngine[] {
    return [this.postgres, this.openSearch, this.redis]
  }

  /** @returns what is left of them, which should be nothing */
  async stop(): Promise<string[]> {
    await this.postgres.end()
    await this.disk?.unmount()
    await this.workspace.supervisor.stop()
    const left = this.all.filter(({ pid }) => existsSync(`/proc/${pid}`)).map(({ name }) => `${name} still runs`)
    return existsSync(this.workspace.run) ? [...left, `the folder ${this.workspace.run} is still there`] : left
  }
}

/** A Redis without persistence: a restart is a flush too. */
async function startRedis(workspace: Workspace, given?: number): Promise<Started> {
  const command = await findOnPath('redis-server', workspace.env)
  if (!command) throw new Error('chaos needs Redis: install redis-server')
  const port = given ?? (await freePort())
  const logFile = join(workspace.data, 'redis.log')
  const kept = await workspace.supervisor.run({
    name: 'redis',
    command,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', workspace.data],
    env: { PATH: workspace.env.PATH },
    cwd: '/',
    ...workspace.account,
    logFile,
    stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
  })
  const probe = () => listens(port)
  await untilReady({ name: 'Redis', process: kept, logFile, probe, everyMs: 20, timeoutMs: 30_000 })
  return { url: `redis://127.0.0.1:${port}`, process: kept }
}

const listens = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined))
    socket.once('connect', () => socket.destroy())
  })
