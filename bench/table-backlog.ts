import type pg from 'pg'
import { feedSettings } from '../src/feed.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { servingGeneration } from '../src/schema/generations.ts'
import { qualified } from '../src/sql.ts'
import { openToolkit } from '../src/toolkit.ts'
import type { BacklogRun } from './backlog-process.ts'
import type { Bench } from './bench.ts'
import { startChild } from './child.ts'
import { backendSeconds } from './cpu.ts'
import { type Figure, figureOf } from './figure.ts'
import { createOrders, type OrderSetup, orderConfig, settle } from './orders.ts'
import { createCeiling } from './table-backlog/ceiling.ts'
import { appendBacklog } from './table-backlog/events.ts'

const bench = 'table-backlog'
const target = 'order_summary@table'
const pageSizes = [5_000, 10_000]

/** How fast a backlog reaches the table, against the same work done inside of the server. */
export const tableBacklog: Bench = {
  name: bench,
  title: 'A backlog applied to the table',
  async run(context) {
    const database = await context.createDatabase('bench_table_backlog')
    const setup: OrderSetup = { database: database.url, targets: { table: {} } }
    await createOrders(database.pool, database.url)
    const relation = await build(setup)
    context.log(`appending ${context.options.events} events`)
    const events = await appendBacklog(database.pool, context.options.events)
    await settle(database.pool)
    const ceiling = await createCeiling(database.pool, relation, feedSettings)
    const figures: Figure[] = []
    for (const pageSize of pageSizes) {
      const rounds: Round[] = []
      // The first round warms the server up, and is not counted.
      for (let round = 0; round <= context.options.rounds; round++) {
        const bare = await ceiling.run(pageSize)
        const loop = await consume(database.pool, setup, relation, pageSize)
        if (loop.events !== events) throw new Error(`${loop.events} of ${events} events were applied`)
        const differences = await ceiling.differences(relation)
        if (differences > 0) throw new Error(`${differences} rows differ from those of the ceiling`)
        context.log(`page ${pageSize}, round ${round}: ${describe(events, loop, bare)}`)
        if (round > 0) rounds.push({ loop, bare })
      }
      figures.push(...figuresOf(events, pageSize, rounds))
    }
    return figures
  },
}

interface Round {
  loop: BacklogRun & { backends: number }
  bare: { seconds: number; cpu: number }
}

async function build(setup: OrderSetup): Promise<string> {
  const toolkit = await openToolkit(orderConfig(setup))
  try {
    await rebuildTarget(toolkit.target(target), 'bench')
    const generation = await servingGeneration(toolkit.pool, target)
    return qualified('trifold', generation?.storage as string)
  } finally {
    await toolkit.close()
  }
}

/** From the first event to the last, in a new process. */
async function consume(
  pool: pg.Pool,
  setup: OrderSetup,
  relation: string,
  pageSize: number,
): Promise<BacklogRun & { backends: number }> {
  await pool.query(`truncate ${relation}`)
  await pool.query(`
    update trifold.consumers
    set window_id = 0, position = null, ordinal = 0, version = version + 1, lease_until = '-infinity'`)
  await pool.query('checkpoint')
  const child = startChild(new URL('./backlog-process.js', import.meta.url), { setup, target })
  try {
    await child.ask({})
    const used = await backendSeconds(pool)
    const run = await child.ask<BacklogRun>({ pageSize })
    return { ...run, backends: (await backendSeconds(pool)) - used }
  } finally {
    await child.close()
  }
}

function figuresOf(events: number, pageSize: number, rounds: Round[]): Figure[] {
  const name = `page ${pageSize}`
  return [
    figureOf({
      bench,
      name: `${name}: events`,
      unit: 'events/s',
      rounds: rounds.map(({ loop }) => events / loop.seconds),
      control: { name: 'one procedure in the server', rounds: rounds.map(({ bare }) => events / bare.seconds) },
      goal: { of: 'ratio', atLeast: 0.9 },
    }),
    figureOf({
      bench,
      name: `${name}: CPU of the backends`,
      unit: 's',
      rounds: rounds.map(({ loop }) => loop.backends),
      control: { name: 'one procedure in the server', rounds: rounds.map(({ bare }) => bare.cpu) },
    }),
    figureOf({ bench, name: `${name}: CPU of Node.js`, unit: 's', rounds: rounds.map(({ loop }) => loop.cpu) }),
    figureOf({
      bench,
      name: `${name}: memory of the worker`,
      unit: 'MB',
      rounds: rounds.map(({ loop }) => loop.memory),
      goal: { of: 'value', atMost: 300 },
    }),
  ]
}

function describe(events: number, loop: Round['loop'], bare: Round['bare']): string {
  const rate = (seconds: number) => `${Math.round(events / seconds / 1000)}k events/s`
  return [
    `${rate(loop.seconds)} of ${rate(bare.seconds)};`,
    `CPU ${loop.cpu.toFixed(1)} s Node.js + ${loop.backends.toFixed(1)} s backends of ${bare.cpu.toFixed(1)} s;`,
    `${Math.round(loop.memory)} MB`,
  ].join(' ')
}
