import type { Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project, type Started } from '../cli/project.ts'
import type { TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { createDial, type Dialled, dial, dialledDefinition } from './dial.ts'

/** A read model in every target, with a worker, of which a test breaks one thing after the other. */
export interface FaultStand {
  project: Project
  search: TestSearch | undefined
  definition: string
  /** The generation that each target served when all was green last. */
  generations: Map<string, number>
  dial(to: Dialled): Promise<void>
  /** Sends a signal to all processes of the worker. */
  signalWorker(name: NodeJS.Signals): Promise<void>
  startWorker(): Promise<void>
  indexOf(): Promise<string>
  /** Gives the status another OpenSearch, or another prefix. @returns puts it back */
  configureSearch(other: { url?: string; prefix?: string }): Promise<() => Promise<void>>
  look(): Promise<Status | undefined>
  whenGreen(): Promise<void>
  close(): Promise<void>
}

export async function createFaultStand(search?: TestSearch): Promise<FaultStand> {
  const project = await createProject()
  const { pool, url: database } = project.database
  await createDial(pool)
  await project.write('views/item_v01.sql', dialledDefinition)
  const configure = ({ url = search?.url, prefix = search?.prefix } = {}) =>
    project.configure(
      itemConfig(
        database,
        `targets: { table: {}, view: { every: '2s' }${search ? ', search: {}' : ''} },`,
        search ? `search: '${url}', indexPrefix: '${prefix}',` : '',
      ),
    )
  await configure()
  let worker: Started
  const stand: FaultStand = {
    project,
    search,
    definition: dialledDefinition,
    generations: new Map(),
    dial: (to) => dial(pool, to),
    async signalWorker(name) {
      const { pid } = await worker.whenObserved('worker.started')
      worker.child.kill(name) // first the one that would start the other again
      if (pid !== worker.child.pid && name !== 'SIGTERM') process.kill(pid, name)
      if (name === 'SIGKILL' || name === 'SIGTERM') await worker.ended
    },
    async startWorker() {
      worker = project.start(['worker', '--json'])
      await worker.whenObserved('worker.started')
    },
    async indexOf() {
      const { rows } = await pool.query(
        `select storage from trifold.generations where target = 'item@search' and state = 'serving'`,
      )
      return rows[0].storage
    },
    async configureSearch(other) {
      await configure(other)
      return () => configure()
    },
    async look() {
      const { out } = await project.cli('status', '--json')
      return out ? (JSON.parse(out) as Status) : undefined
    },
    async whenGreen() {
      let seen: Status | undefined
      await until('all is green', async () => {
        seen = await stand.look()
        return seen?.verdict === 'green'
      }).catch((error) => {
        throw new Error(
          `${error.message}; at last: ${JSON.stringify(seen?.targets.map(({ target, reason }) => [target, reason]))}`,
        )
      })
      for (const { materializer, generation } of seen?.targets ?? [])
        stand.generations.set(materializer, generation?.number ?? 0)
    },
    async close() {
      await stand.signalWorker('SIGCONT')
      await stand.signalWorker('SIGKILL')
      await project.close()
    },
  }
  await stand.startWorker()
  return stand
}
