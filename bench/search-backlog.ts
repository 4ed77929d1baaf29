import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { openSearchClient } from '../src/opensearch/client.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { servingGeneration } from '../src/schema/generations.ts'
import { openToolkit } from '../src/toolkit.ts'
import type { BacklogRun } from './backlog-process.ts'
import type { Bench } from './bench.ts'
import { startChild } from './child.ts'
import { type Figure, figureOf } from './figure.ts'
import { createOrders, type OrderSetup, orderConfig, settle } from './orders.ts'
import { dropIndexes } from './search-backlog/indexes.ts'
import { sendAlone } from './search-backlog/raw-bulk.ts'
import { openRecorder } from './search-backlog/recorder.ts'
import { appendBacklog, eventsPerOrder } from './table-backlog/events.ts'

const bench = 'search-backlog'
const target = 'order_summary@search'
const pageSizes = [5_000, 20_000]

/**
 * How fast a backlog reaches the index, against the same bulk requests sent again without anything else: what the engine
 * takes when it is all that there is to wait for.
 */
export const searchBacklog: Bench = {
  name: bench,
  title: 'A backlog applied to the index',
  search: true,
  async run({ searchUrl, options, createDatabase, log }) {
    const database = await createDatabase('bench_search_backlog')
    const url = searchUrl as string
    const setup: OrderSetup = { database: database.url, search: url, targets: { search: {} } }
    const client = openSearchClient({ url })
    await createOrders(database.pool, database.url)
    const events = await appendBacklog(database.pool, options.events / 4)
    await settle(database.pool)
    try {
      const figures: Figure[] = []
      for (const pageSize of pageSizes) {
        const bodies = await recordRequests(client, database.pool, setup, pageSize)
        const rounds: Round[] = []
        // The first round warms the engine up, and is not counted.
        for (let round = 0; round <= options.rounds; round++) {
          const index = await buildAtStart(client, database.pool, setup)
          const loop = await consume(setup, pageSize)
          await checkDocuments(client, index, events)
          const seconds = await sendAgain(client, url, setup, bodies)
          log(`page ${pageSize}, round ${round}: ${describe(loop, seconds)}`)
          if (round > 0) rounds.push({ loop, seconds })
        }
        figures.push(...figuresOf(pageSize, rounds))
      }
      return figures
    } finally {
      await dropIndexes(client)
      await client.close()
    }
  },
}

interface Round {
  loop: BacklogRun
  /** That its requests take alone. */
  seconds: number
}

/** The requests of one run, which is not measured. */
async function recordRequests(client: Client, pool: pg.Pool, setup: OrderSetup, pageSize: number): Promise<Buffer[]> {
  const recorder = await openRecorder(setup.search as string)
  try {
    await buildAtStart(client, pool, setup)
    await consume({ ...setup, search: recorder.url }, pageSize)
    return recorder.bodies
  } finally {
    await recorder.close()
  }
}

/** An empty index whose cursor stands before the backlog, as if it had been built before the first event. */
async function buildAtStart(client: Client, pool: pg.Pool, setup: OrderSetup): Promise<string> {
  await dropIndexes(client) // those of before name windows that are gone then
  await pool.query('delete from trifold.windows where id > 0')
  await pool.query('delete from trifold.head')
  const toolkit = await openToolkit(orderConfig(setup))
  try {
    await rebuildTarget(toolkit.target(target), 'bench', { evenIfFit: true })
    await pool.query(`
      update trifold.generations
      set build_snapshot = (select snapshot from trifold.windows where id = 0)
      where state = 'serving'`)
    return (await servingGeneration(toolkit.pool, target))?.storage as string
  } finally {
    await toolkit.close()
  }
}

async function consume(setup: OrderSetup, pageSize: number): Promise<BacklogRun> {
  const child = startChild(new URL('./backlog-process.js', import.meta.url), { setup, target })
  try {
    await child.ask({})
    return await child.ask<BacklogRun>({ pageSize })
  } finally {
    await child.close()
  }
}

/** Every order must have come to its last step. @throws where one has not */
async function checkDocuments(client: Client, index: string, events: number): Promise<void> {
  await client.indices.refresh({ index })
  const { body } = await client.count({ index, body: { query: { term: { status: 'delivered' } } } })
  if (body.count !== events / eventsPerOrder)
    throw new Error(`${body.count} of ${events / eventsPerOrder} documents are as they should be`)
}

async function sendAgain(client: Client, url: string, setup: OrderSetup, bodies: Buffer[]): Promise<number> {
  const toolkit = await openToolkit(orderConfig(setup))
  try {
    return await sendAlone(client, url, toolkit.target(target).context.definition, bodies)
  } finally {
    await toolkit.close()
  }
}

function figuresOf(pageSize: number, rounds: Round[]): Figure[] {
  const name = `page ${pageSize}`
  const measured = rounds.map(({ loop }) => loop)
  return [
    figureOf({
      bench,
      name: `${name}: documents written`,
      unit: 'documents/s',
      rounds: measured.map((loop) => loop.written / loop.seconds),
      control: {
        name: 'the same bulk requests alone',
        rounds: rounds.map(({ loop, seconds }) => loop.written / seconds),
      },
      goal: { of: 'ratio', atLeast: 0.8 },
    }),
    figureOf({
      bench,
      name: `${name}: events`,
      unit: 'events/s',
      rounds: measured.map((loop) => loop.events / loop.seconds),
    }),
    figureOf({ bench, name: `${name}: CPU of Node.js`, unit: 's', rounds: measured.map((loop) => loop.cpu) }),
    figureOf({
      bench,
      name: `${name}: memory of the worker`,
      unit: 'MB',
      rounds: measured.map((loop) => loop.memory),
      goal: { of: 'value', atMost: 300 },
    }),
  ]
}

function describe(loop: BacklogRun, seconds: number): string {
  const rate = (count: number, during: number) => `${(count / during / 1000).toFixed(1)}k`
  return [
    `${rate(loop.written, loop.seconds)} documents/s of ${rate(loop.written, seconds)};`,
    `${rate(loop.events, loop.seconds)} events/s; CPU ${loop.cpu.toFixed(1)} s Node.js; ${Math.round(loop.memory)} MB`,
  ].join(' ')
}
