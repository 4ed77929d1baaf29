// A worker in a process of its own, with a probe at the materializer's door: it notes when the apply that contains an
// order has ended, which for a table is the acknowledgement of the commit of rows and cursor.

import { logTo } from '../../src/cli/log.ts'
import type { EventFed, Materializer } from '../../src/materializer.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { Targets } from '../../src/toolkit/targets.ts'
import { openToolkit, Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { answerParent, childArguments } from '../child.ts'
import { type OrderSetup, orderConfig } from '../orders.ts'
import { clock } from './clock.ts'

export interface WorkerArguments {
  setup: OrderSetup
  target: string
}

export interface WorkerAnswer {
  /** When each order was applied, by key text, in milliseconds of {@link clock}; since the question before. */
  applied: [key: string, at: number][]
  /** Seconds of CPU that the process has used so far. */
  cpu: number
}

const { setup, target } = childArguments<WorkerArguments>()
const { config, pool, targets } = await openToolkit(orderConfig(setup))
let applied: WorkerAnswer['applied'] = []
const materializer = probed(eventFed(targets.get(target) as Materializer))
const toolkit = new Toolkit(config, pool, new Targets(config, pool, new Map([[target, materializer]])))
const worker = await startWorker(toolkit, { observe: logTo(process.stderr) })

answerParent(
  async () => {
    const { user, system } = process.cpuUsage()
    const answer: WorkerAnswer = { applied, cpu: (user + system) / 1e6 }
    applied = []
    return answer
  },
  async () => {
    await worker.stop()
    await toolkit.close()
  },
)

function probed(materializer: EventFed): Materializer {
  return {
    ...materializer,
    async apply(page, changes, lease, client) {
      const result = await materializer.apply(page, changes, lease, client)
      const at = clock()
      if (result.kind === 'applied') for (const key of changes.byKey.keys()) applied.push([key, at])
      return result
    },
  }
}
