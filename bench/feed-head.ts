import pg from 'pg'
import { openClient } from '../src/database.ts'
import { largestHeldWindow, tick } from '../src/feed/tick.ts'
import { feedSettings } from '../src/feed.ts'
import { migrate } from '../src/migrate.ts'
import { readHead } from '../src/schema/outbox/after-window.ts'
import type { Window } from '../src/schema/windows.ts'
import type { Bench } from './bench.ts'
import { type Figure, median } from './figure.ts'

const bench = 'feed-head'
const repeats = 30

/** Finding what is new at the end of the log must not grow with the log: most that the largest may take of the smallest. */
const mostGrowth = 2

export const feedHead: Bench = {
  name: bench,
  title: 'Finding what is new at the end of the log, by its length',
  async run(context) {
    const database = await context.createDatabase('bench_feed_head')
    const sizes = [10_000, 1_000_000, 10_000_000].filter((size) => size <= 10 * context.options.events)
    return figuresOf(await benchHead(database.url, sizes))
  },
}

/** What one look at the end of the log takes. */
export interface HeadRow {
  /** Rows of the log. */
  size: number
  shape: string
  /** Round trip in milliseconds, each of 30. */
  milliseconds: number[]
}

/**
 * Looks at the end of logs of the given lengths (ascending) in an empty database, in each of the situations that a
 * ticker meets.
 */
export async function benchHead(databaseUrl: string, sizes: readonly number[]): Promise<HeadRow[]> {
  await migrate(databaseUrl)
  const ticker = await openClient(databaseUrl, { name: 'ticker', settings: feedSettings })
  const [writer, holder] = [await connect(databaseUrl), await connect(databaseUrl)]
  const rows: HeadRow[] = []
  try {
    await writer.query(growProcedure)
    for (const size of sizes) {
      await writer.query('call grow($1)', [size])
      await writer.query('vacuum analyze trifold.outbox')
      for (const [shape, prepare] of Object.entries(shapes)) {
        const window = await prepare({ ticker, writer, holder })
        rows.push({ size, shape, milliseconds: await look(ticker, window) })
        await holder.query('rollback')
      }
    }
    return rows
  } finally {
    await Promise.allSettled([ticker, writer, holder].map((client) => client.end()))
  }
}

interface Clients {
  ticker: pg.Client
  writer: pg.Client
  holder: pg.Client
}

const append = (count: number): string => `
  insert into trifold.outbox (era, type, aggregate, payload)
  select 1, 'Bench', 'bench', '{"bench": true}'
  from generate_series(1, ${count})`

const endOfLog = async ({ ticker }: Clients): Promise<Window> => (await tick(ticker, { evenIfEmpty: true })).window

/** Each makes the situation and returns the window from which the ticker looks on. */
const shapes: Record<string, (clients: Clients) => Promise<Window>> = {
  'nothing new': endOfLog,
  '100 new': async (clients) => {
    const window = await endOfLog(clients)
    await clients.writer.query(append(100))
    return window
  },
  '3 of a transaction that was held': async (clients) => {
    await clients.holder.query('begin')
    await clients.holder.query(append(3))
    await endOfLog(clients) // completes a later id: from here on the held one is in the snapshot's list
    const window = await endOfLog(clients)
    await clients.holder.query('commit')
    return window
  },
  '100 new while one with 100,000 is held': async (clients) => {
    await clients.holder.query('begin')
    await clients.holder.query(append(100_000))
    await endOfLog(clients)
    const window = await endOfLog(clients)
    await clients.writer.query(append(100))
    return window
  },
}

async function look(ticker: pg.Client, window: Window): Promise<number[]> {
  const milliseconds: number[] = []
  for (let time = 0; time < repeats; time++) {
    const began = performance.now()
    await readHead(ticker, window, { since: window.snapshot, limit: largestHeldWindow })
    milliseconds.push(performance.now() - began)
  }
  return milliseconds
}

/** Fills the log up to a length, in transactions of a thousand events. */
const growProcedure = `
  create procedure grow(wanted bigint) language plpgsql as $$
  declare
    missing bigint := wanted - (select count(*) from trifold.outbox);
  begin
    for step in 1..missing / 1000 loop
      ${append(1_000)};
      commit;
    end loop;
  end
  $$`

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('set synchronous_commit = off')
  return client
}

/** The growth is what counts: each length is set beside the smallest. */
function figuresOf(rows: HeadRow[]): Figure[] {
  return rows.map(({ size, shape, milliseconds }) => {
    const value = median(milliseconds)
    const figure: Figure = { bench, name: `${shape}, log of ${size}`, unit: 'ms', value, raw: milliseconds }
    const smallest = rows.find((row) => row.shape === shape && row.size < size)
    if (!smallest) return figure
    const control = { name: `log of ${smallest.size}`, value: median(smallest.milliseconds) }
    const goal = { of: 'ratio', atMost: mostGrowth } as const
    return { ...figure, control, ratio: value / control.value, goal, rawControl: smallest.milliseconds }
  })
}
