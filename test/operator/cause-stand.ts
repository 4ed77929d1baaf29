import type { Cause, Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project, type Started } from '../cli/project.ts'
import { until } from '../support/until.ts'
import { createDial, type Dialled, dial, dialledDefinition } from './dial.ts'

/** A view whose refreshes take as long, and fail as, the table `dial` says, with a worker that can be killed and frozen. */
export interface CauseStand {
  project: Project
  target: string
  worker: Started
  dial(to: Dialled): Promise<void>
  startWorker(): Promise<void>
  look(): Promise<Status['targets'][number]>
  /** Waits until the status has a cause of a kind. */
  whenCause(kind: Cause['kind']): Promise<Cause>
  whenGreen(): Promise<void>
  close(): Promise<void>
}

/** @param every the interval of its schedule */
export async function createCauseStand(every = '300ms'): Promise<CauseStand> {
  const project = await createProject()
  const { pool, url } = project.database
  await createDial(pool)
  await project.write('views/item_v01.sql', dialledDefinition)
  await project.configure(itemConfig(url, `targets: { view: { every: '${every}' } }, on: undefined,`))
  const stand: CauseStand = {
    project,
    target: 'item@view',
    worker: project.start(['worker', '--json']),
    dial: (to) => dial(pool, to),
    async startWorker() {
      stand.worker = project.start(['worker', '--json'])
    },
    async look() {
      const { out, err } = await project.cli('status', '--json')
      const [target] = (JSON.parse(out || '{"targets":[]}') as Status).targets
      if (!target) throw new Error(err)
      return target
    },
    async whenCause(kind) {
      let seen: Awaited<ReturnType<CauseStand['look']>> | undefined
      await until(`the cause is ${kind}`, async () => {
        seen = await stand.look()
        return seen.cause?.kind === kind
      }).catch((error) => {
        throw new Error(`${error.message}; at last: ${JSON.stringify(seen)}`)
      })
      return seen?.cause as Cause
    },
    async whenGreen() {
      let seen: unknown
      await until('the view is green', async () => {
        const found = await stand.look()
        seen = found
        return found.verdict === 'green'
      }).catch((error) => {
        throw new Error(`${error.message}; at last: ${JSON.stringify(seen)}`)
      })
    },
    async close() {
      stand.worker.child.kill('SIGCONT')
      stand.worker.child.kill('SIGTERM')
      await stand.worker.ended
      await project.close()
    },
  }
  return stand
}
