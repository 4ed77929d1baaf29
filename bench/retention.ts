import type pg from 'pg'
import { openClient } from '../src/database.ts'
import { pruneWindows } from '../src/feed/prune.ts'
import { ensurePartitions } from '../src/outbox/partitions.ts'
import { applyRetention } from '../src/outbox/retention.ts'
import { openToolkit } from '../src/toolkit.ts'
import { startWorker } from '../src/worker.ts'
import type { Bench } from './bench.ts'
import type { BenchDatabase } from './database.ts'
import { type Figure, figureOf } from './figure.ts'
import { createOrders, orderConfig } from './orders.ts'
import { untilApplied } from './retention/applied.ts'
import { openSimulated, setLater } from './retention/simulated-clock.ts'
import { type Sizes, sizesOf } from './retention/sizes.ts'
import { appendBacklog } from './table-backlog/events.ts'

const bench = 'retention'
const days = 30
const partsOfDay = 8
const day = 86_400_000
const target = 'order_summary@table'

/** What the toolkit does by default, but that the clock is the simulated one. */
const keepWindows = day / 24
const defaults = { retain: 3 * day, partitionBytes: 2 ** 30, cap: 2 ** 40, isConfigured: () => true }

/** How many bytes are kept at the end of each day, while as many events come each day. */
export const retentionBytes: Bench = {
  name: bench,
  title: `Bytes kept over ${days} simulated days`,
  async run({ options, createDatabase, log }) {
    const database = await createDatabase('bench_retention')
    await createOrders(database.pool, database.url)
    const toolkit = await openToolkit(orderConfig({ database: database.url, targets: { table: {} } }))
    const worker = await startWorker(toolkit)
    const keeper = await openSimulated(database.url)
    try {
      const evenings: Sizes[] = []
      let events = 0
      for (let one = 0; one < days; one++) {
        for (let part = 1; part <= partsOfDay; part++) {
          const later = (one + part / partsOfDay) * day
          events += await appendBacklog(database.pool, options.events / partsOfDay, later)
          await untilApplied(database.pool, target, events)
          await setLater(keeper, later)
          await maintain(keeper)
        }
        await vacuum(database)
        const sizes = await sizesOf(database.pool, target)
        log(`day ${one + 1}: ${described(sizes)}`)
        evenings.push(sizes)
      }
      return [keptOf(evenings)]
    } finally {
      await keeper.end()
      await worker.stop()
      await toolkit.close()
    }
  },
}

async function maintain(client: pg.Client): Promise<void> {
  const prune = (all: boolean) => pruneWindows(client, { keepMilliseconds: all ? 0 : keepWindows })
  await ensurePartitions(client)
  await prune(false)
  await applyRetention(client, defaults, prune)
}

/** Autovacuum has a whole day for it. */
async function vacuum({ url }: BenchDatabase): Promise<void> {
  const client = await openClient(url, { name: 'vacuum' })
  await client.query('vacuum')
  await client.end()
}

/** The most of the last week against the most of the second, in MB, without the target's rows. */
function keptOf(evenings: readonly Sizes[]): Figure {
  const most = (some: readonly Sizes[]) =>
    Math.max(...some.map(({ outbox, bookkeeping }) => outbox + bookkeeping)) / 1e6
  return figureOf({
    bench,
    name: 'kept in the last week',
    unit: 'MB',
    rounds: [most(evenings.slice(-7))],
    control: { name: 'in the second week', rounds: [most(evenings.slice(7, 14))] },
    goal: { of: 'ratio', atMost: 1.05 },
  })
}

const described = (sizes: Sizes): string =>
  Object.entries(sizes)
    .map(([what, bytes]) => `${what} ${(bytes / 1e6).toFixed(1)} MB`)
    .join(', ')
