import { EventEmitter, once } from 'node:events'
import type pg from 'pg'
import { openClient } from '../src/database.ts'
import type { Scheduled } from '../src/materializer.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { startSchedule } from '../src/schedule.ts'
import { servingGeneration } from '../src/schema/generations.ts'
import { qualified } from '../src/sql.ts'
import { scheduled as scheduledTarget } from '../src/testing/feeds.ts'
import { offsetOf } from '../src/timing.ts'
import { openToolkit, type Toolkit } from '../src/toolkit.ts'
import type { Bench } from './bench.ts'
import { figureOf } from './figure.ts'
import { createOrders, type OrderSetup, orderConfig, settle } from './orders.ts'

const bench = 'view-refresh'
const target = 'order_summary@view'

/** What the schedule adds to a refresh: from the moment at which it is due until it has committed. */
export const viewRefresh: Bench = {
  name: bench,
  title: 'A refresh by the schedule against a bare REFRESH MATERIALIZED VIEW CONCURRENTLY',
  async run({ options, createDatabase, log }) {
    const database = await createDatabase('bench_view_refresh')
    const setup: OrderSetup = { database: database.url, targets: { view: { every: '1h' } } }
    await createOrders(database.pool, database.url, options.events / 2)
    await settle(database.pool)
    const toolkit = await openToolkit(orderConfig(setup))
    try {
      const view = scheduledTarget(toolkit.target(target))
      await rebuildTarget(view, 'bench')
      const { bare, scheduled } = await inTurn(toolkit, view, Math.max(2, options.rounds), log)
      return [
        figureOf({
          bench,
          name: 'refresh, from when it is due',
          unit: 'ms',
          rounds: scheduled,
          control: { name: 'bare REFRESH CONCURRENTLY', rounds: bare },
          goal: { of: 'ratio', atMost: 1.05 },
        }),
      ]
    } finally {
      await toolkit.close()
    }
  },
}

/** A bare refresh follows each scheduled one, in the time until the next is due. The first of both are not counted. */
async function inTurn(
  toolkit: Toolkit,
  view: Scheduled,
  rounds: number,
  log: (line: string) => void,
): Promise<{ bare: number[]; scheduled: number[] }> {
  const client = await openClient(toolkit.config.database, { name: 'bare refresh' })
  const [bare, scheduled]: [number[], number[]] = [[], []]
  const every = Math.max(2_000, Math.ceil(3 * (await refreshBare(client, toolkit))))
  const schedule = await scheduleView(toolkit, view, every)
  try {
    await schedule.refreshed()
    for (let round = 0; round < rounds; round++) {
      scheduled.push(await schedule.refreshed())
      bare.push(await refreshBare(client, toolkit))
      log(`${Math.round(scheduled[round]!)} ms by the schedule, ${Math.round(bare[round]!)} ms bare`)
    }
    return { bare, scheduled }
  } finally {
    await schedule.close()
    await client.end()
  }
}

async function refreshBare(client: pg.Client, { pool }: Toolkit): Promise<number> {
  const generation = await servingGeneration(pool, target)
  const relation = qualified('trifold', generation?.storage as string)
  const began = performance.now()
  await client.query(`refresh materialized view concurrently ${relation}`)
  return performance.now() - began
}

interface ScheduledView {
  /** Waits for the end of the next refresh; the milliseconds from when it was due until then. */
  refreshed(): Promise<number>
  close(): Promise<void>
}

async function scheduleView(toolkit: Toolkit, view: Scheduled, every: number): Promise<ScheduledView> {
  const ends = new EventEmitter()
  const refresh = async (signal: AbortSignal) => {
    const due = dueBefore(Date.now(), every)
    const result = await view.refresh({ cause: 'schedule', signal })
    ends.emit('end', Date.now() - due)
    return result
  }
  const targets = [{ target, timing: { kind: 'every', ms: every } as const, refresh }]
  const schedule = await startSchedule({ config: toolkit.config, targets })
  return {
    async refreshed() {
      const [milliseconds] = await once(ends, 'end', { signal: AbortSignal.timeout(10 * every) })
      return milliseconds as number
    },
    close: () => schedule.close(),
  }
}

/** The last moment at which a refresh was due. */
function dueBefore(now: number, every: number): number {
  const offset = offsetOf(target, every)
  return now - ((((now - offset) % every) + every) % every)
}
