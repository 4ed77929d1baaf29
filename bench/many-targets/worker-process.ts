// A worker of many tables in a process of its own. It notes when an order has been applied to the last of them.

import { logTo } from '../../src/cli/log.ts'
import type { EventFed, Materializer } from '../../src/materializer.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { Targets } from '../../src/toolkit/targets.ts'
import { Toolkit } from '../../src/toolkit.ts'
import { openWhenReachable } from '../../src/worker/open.ts'
import { startWorker } from '../../src/worker.ts'
import { answerParent, childArguments } from '../child.ts'
import { clock } from '../freshness/clock.ts'
import { manyConfig } from './config.ts'

export interface ManyArguments {
  database: string
  views: string
  count: number
}

export interface ManyAnswer {
  /** Targets whose lease the worker has had. */
  leased: number
  /** When each order was applied to the last target, by key text, in milliseconds of {@link clock}; since the question before. */
  applied: [key: string, at: number][]
  /** Bytes of the process in memory. */
  memory: number
}

const { database, views, count } = childArguments<ManyArguments>()
const unstopped = new AbortController().signal
const opened = (await openWhenReachable(manyConfig(database, views, count), { signal: unstopped })) as Toolkit
const times = new Map<string, number>()
let applied: ManyAnswer['applied'] = []
const probes = [...opened.targets].map(([target, materializer]) => [target, probed(eventFed(materializer))] as const)
const targets = new Targets(opened.config, opened.pool, new Map(probes))
const toolkit = new Toolkit(opened.config, opened.pool, targets)
const leased = new Set<string>()
const log = logTo(process.stderr)
const worker = await startWorker(toolkit, {
  observe(observation) {
    if (observation.kind === 'target.leased') leased.add(observation.target)
    if ('error' in observation) log(observation)
  },
})

answerParent(
  async () => {
    const answer: ManyAnswer = { leased: leased.size, applied, memory: process.memoryUsage.rss() }
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
      if (result.kind === 'applied') for (const key of changes.byKey.keys()) note(key)
      return result
    },
  }
}

function note(key: string): void {
  const seen = (times.get(key) ?? 0) + 1
  if (seen < count) times.set(key, seen)
  else {
    times.delete(key)
    applied.push([key, clock()])
  }
}
