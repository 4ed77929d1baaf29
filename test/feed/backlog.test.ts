import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Feed } from '../../src/feed.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { fewOrMany } from '../support/long.ts'
import { theFeed } from './design.ts'
import { createAggregates, resetLog, Writer } from './writer.ts'

const events = fewOrMany(100_000, 1_000_000)
const windows = fewOrMany(10_000, 100_000)

/** Far above what any machine needs; the seconds are printed, not judged. */
const bound = 300_000

let database: TestDatabase
let writer: Writer

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  writer = await Writer.open(database.url)
  await writer.run('set synchronous_commit = off')
})

beforeEach(() => resetLog(database.pool))

afterAll(async () => {
  await writer?.close()
  await database?.close()
})

const insertMany = (from: number, to: number): string => `
  insert into trifold.outbox (era, type, aggregate, payload)
  select 1, 'Counted', 'many', '{"aggregate": "many"}'
  from generate_series(${from}, ${to})`

/** Reads all and checks it against the positions, which are 1 to `expected` without a gap, each in its place. */
async function readAll(limit: number, expected: number, orderOf: (ordinal: number) => number): Promise<void> {
  const feed = await Feed.open(database.url)
  const began = Date.now()
  let cursor = theFeed.start
  let wrong = 0
  for (let page = await feed.read(cursor, limit); page; page = await feed.read(cursor, limit)) {
    for (const { ordinal, position } of page.events) if (position !== orderOf(ordinal)) wrong += 1
    cursor = page.end
  }
  const seconds = (Date.now() - began) / 1_000
  const { latest } = feed
  await feed.close()
  process.stdout.write(`${expected} events in ${latest.id} windows, pages of ${limit}: ${seconds.toFixed(1)} s\n`)
  expect([wrong, cursor.ordinal, cursor.window]).toEqual([0, expected, latest.id])
}

const inOrder = (ordinal: number): number => ordinal

test(
  `reads a window of ${events} events to its end`,
  async () => {
    await writer.run(insertMany(1, events))
    const feed = await Feed.open(database.url)
    await feed.tick()
    await feed.close()
    for (const limit of [5_000, 20_000]) await readAll(limit, events, inOrder)
  },
  bound,
)

test(
  'reads the events of one long transaction that was held while others went on',
  async () => {
    const [half, others] = [events / 10, 1_000]
    const feed = await Feed.open(database.url)
    const importer = await Writer.open(database.url)
    await importer.run('begin')
    await importer.run(insertMany(1, half))
    await writer.run(insertMany(1, others))
    await feed.tick()
    await importer.run(insertMany(1, half))
    await importer.run('commit')
    await importer.close()
    await feed.tick()
    await feed.close()
    const orderOf = (ordinal: number) => {
      if (ordinal <= others) return half + ordinal
      return ordinal <= half + others ? ordinal - others : ordinal
    }
    for (const limit of [5_000, 20_000]) await readAll(limit, 2 * half + others, orderOf)
  },
  bound,
)

/** Each transaction stores the window of the one before it: 0 to 3 events. */
const manyWindows = `
  create or replace procedure make_windows(wanted bigint) language plpgsql as $$
  declare
    last bigint := 0;
    count bigint := 0;
  begin
    for id in 1..wanted loop
      insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
      values (id, 1, pg_current_snapshot(), last - count + 1, count);
      count := id % 4;
      insert into trifold.outbox (era, type, aggregate, payload)
      select 1, 'Counted', 'many', '{"aggregate": "many"}'
      from generate_series(1, count);
      last := last + count;
      commit;
    end loop;
  end
  $$`

test(
  `reads ${windows} windows to the last`,
  async () => {
    await writer.run(manyWindows)
    await writer.run(`call make_windows(${windows})`)
    const { rows } = await database.pool.query('select count(*)::int as count from trifold.outbox')
    const feed = await Feed.open(database.url)
    await feed.tick({ evenIfEmpty: true })
    await feed.close()
    for (const limit of [5_000, 20_000]) await readAll(limit, rows[0].count, inOrder)
  },
  bound,
)
