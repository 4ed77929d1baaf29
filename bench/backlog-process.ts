// A consumer in a process of its own: the page pipeline over the feed, as a worker runs it, from the first event to the last.

import { PagePipeline } from '../src/consumer/page-pipeline.ts'
import { Projector } from '../src/consumer/projector.ts'
import { openClient } from '../src/database.ts'
import { Feed, feedSettings } from '../src/feed.ts'
import { type Lease, takeLease } from '../src/lease.ts'
import { servingGeneration } from '../src/schema/generations.ts'
import { eventFed } from '../src/testing/feeds.ts'
import { openToolkit } from '../src/toolkit.ts'
import { answerParent, childArguments } from './child.ts'
import { type OrderSetup, orderConfig } from './orders.ts'

export interface BacklogArguments {
  setup: OrderSetup
  target: string
}

export interface BacklogRun {
  events: number
  /** Rows or documents written. */
  written: number
  seconds: number
  /** Of this process. */
  cpu: number
  /** Most memory that this process has held so far, in MB. */
  memory: number
}

const args = childArguments<BacklogArguments>()
const toolkit = await openToolkit(orderConfig(args.setup))
const materializer = eventFed(toolkit.target(args.target))
const feed = await Feed.open(args.setup.database)
const client = await openClient(args.setup.database, { name: 'consumer', settings: feedSettings })
let lease: Lease | undefined

answerParent(
  // Two steps, so that the one who asks can measure between them: the first finds the window, the second applies it.
  async ({ pageSize }: { pageSize?: number }) => (pageSize ? apply(pageSize) : takeOver()),
  async () => {
    await feed.close()
    await client.end()
    await toolkit.close()
  },
)

async function takeOver(): Promise<void> {
  const generation = await servingGeneration(toolkit.pool, args.target)
  lease = generation && (await takeLease(client, generation, 'bench', 1))
  if (!lease) throw new Error(`the lease of ${args.target} is not free`)
  const unfit = await materializer.begin(lease, client)
  if (unfit) throw new Error(`${args.target} cannot be consumed: ${unfit}`)
  await feed.tick()
}

async function apply(pageSize: number): Promise<BacklogRun> {
  if (!lease) throw new Error('there is no lease yet')
  const { context } = materializer
  const counted = { events: 0, written: 0 }
  const projector = new Projector(context.definition, context.model, toolkit.config.events)
  const pages = new PagePipeline({ materializer: counting(counted), projector, feed, client, lease, pageSize })
  const began = performance.now()
  const used = process.cpuUsage()
  for (let step = await pages.step(); step.kind !== 'idle'; step = await pages.step()) {
    if (step.kind === 'lost') throw new Error('the lease was lost')
    counted.events += step.events
  }
  await materializer.makeSearchable?.() // readers see it only now
  const { user, system } = process.cpuUsage(used)
  return {
    ...counted,
    seconds: (performance.now() - began) / 1000,
    cpu: (user + system) / 1e6,
    memory: process.resourceUsage().maxRSS / 1000,
  }
}

function counting(counted: { written: number }): typeof materializer {
  return {
    ...materializer,
    async apply(...page) {
      const applied = await materializer.apply(...page)
      if (applied.kind === 'applied') counted.written += applied.written
      return applied
    },
  }
}
