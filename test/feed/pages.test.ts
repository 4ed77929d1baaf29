import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { largestHeldWindow } from '../../src/feed/tick.ts'
import { type Cursor, Feed } from '../../src/feed.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { numberedPositions } from './oracle.ts'
import { createAggregates, resetLog, Writer } from './writer.ts'

let database: TestDatabase
const writers: Writer[] = []
const feeds: Feed[] = []

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
})

beforeEach(async () => {
  await closeAll()
  await resetLog(database.pool)
})

afterAll(async () => {
  await closeAll()
  await database?.close()
})

async function closeAll(): Promise<void> {
  await Promise.all([...writers.splice(0), ...feeds.splice(0)].map((one) => one.close()))
}

async function openWriter(): Promise<Writer> {
  const writer = await Writer.open(database.url)
  writers.push(writer)
  return writer
}

async function openFeed(): Promise<Feed> {
  const feed = await Feed.open(database.url)
  feeds.push(feed)
  return feed
}

const appendMany = (writer: Writer, count: number): Promise<void> =>
  writer.run(`
    insert into trifold.outbox (era, type, aggregate, payload)
    select 1, 'Counted', 'many', json_build_object('aggregate', 'many', 'count', place)
    from generate_series(1, ${count}) as place`)

interface Place {
  ordinal: number
  position: number
}

/** Reads on from a cursor with pages of `limit`; `most` events at most. */
async function readOn(feed: Feed, from: Cursor, limit: number, most = Infinity): Promise<[Place[], Cursor]> {
  const places: Place[] = []
  let cursor = from
  for (;;) {
    const page = places.length < most ? await feed.read(cursor, limit) : undefined
    if (!page) return [places, cursor]
    expect(page.events.length).toBeLessThanOrEqual(limit)
    expect(page.snapshot === undefined).toBe(page.end.position !== undefined)
    places.push(...page.events.map(({ ordinal, position }) => ({ ordinal, position })))
    cursor = page.end
  }
}

/** A log of small windows: some with late events of transactions that were held, some empty. */
async function smallWindows(feed: Feed): Promise<void> {
  const [holder, other] = [await openWriter(), await openWriter()]
  for (let round = 0; round < 6; round++) {
    await holder.run('begin')
    await holder.append('held')
    for (let window = 0; window < 3; window++) {
      await other.commit('a', 'b', 'c')
      await other.commit('d')
      await feed.tick()
      await feed.tick({ evenIfEmpty: true })
    }
    await holder.append('held')
    await holder.run('commit')
    await other.commit('a')
    await feed.tick()
  }
}

test('gives an event the same ordinal whatever the size of the pages and whoever reads', async () => {
  const ticking = await openFeed()
  await smallWindows(ticking)
  const expected = await numberedPositions(database.pool)
  expect(expected).toHaveLength(6 * 15)
  for (const limit of [1, 2, 7, 13, 1_000]) {
    for (const feed of [ticking, await openFeed()]) {
      const [places, end] = await readOn(feed, theFeed.start, limit)
      expect(places).toEqual(expected)
      expect(end).toEqual({ era: 1, window: feed.latest.id, position: undefined, ordinal: expected.length })
    }
  }
})

test('puts several small windows into one page, and begins the next page with a whole window', async () => {
  const feed = await openFeed()
  await smallWindows(feed)
  const reader = await openFeed()
  const page = await reader.read(theFeed.start, 10)
  expect(page?.events).toHaveLength(8)
  expect(page?.end).toEqual({ era: 1, window: 4, position: undefined, ordinal: 8 })
})

test('reads on from any place within a window', async () => {
  const feed = await openFeed()
  const writer = await openWriter()
  await writer.commit('a', 'b', 'c', 'd', 'e')
  await feed.tick()
  await writer.commit('a', 'b')
  await feed.tick()
  const other = await openFeed()
  for (const first of [1, 2, 3, 4, 5, 6]) {
    const [before, cursor] = await readOn(other, theFeed.start, first, first)
    const [after] = await readOn(other, cursor, 3)
    expect([...before, ...after].map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5, 6, 7])
  }
})

test('returns an empty page for an empty window, so that the reader moves on', async () => {
  const feed = await openFeed()
  const { window, stored } = await feed.tick({ evenIfEmpty: true })
  expect([window.id, window.eventCount, stored]).toEqual([1, 0, true])
  for (const reader of [feed, await openFeed()]) {
    const page = await reader.read(theFeed.start, 10)
    expect(page).toMatchObject({ events: [], end: { window: 1, ordinal: 0 }, window: { id: 1, nonce: window.nonce } })
    expect(page?.snapshot?.text).toBe(window.snapshot.text)
  }
})

/** One window of more events than a process holds: held transactions reach into it, and others' events lie between. */
async function largeWindow(feed: Feed): Promise<number> {
  const [early, importer, other, later] = [
    await openWriter(),
    await openWriter(),
    await openWriter(),
    await openWriter(),
  ]
  await early.run('begin')
  await early.append('early')
  await importer.run('begin')
  await appendMany(importer, 300)
  await other.commit('a', 'b')
  await feed.tick()
  await later.run('begin')
  await appendMany(other, largestHeldWindow - 200)
  await later.append('later')
  await early.append('early')
  await appendMany(importer, 300)
  await appendMany(other, 200)
  await importer.run('commit')
  await early.run('commit')
  const { window, rows } = await feed.tick()
  expect(rows).toBeUndefined()
  expect(window.eventCount).toBe(largestHeldWindow + 602)
  await later.run('commit')
  await other.commit('a')
  await feed.tick()
  return window.eventCount + 4
}

test('reads a large window page by page, with events of held transactions in it', async () => {
  const total = await largeWindow(await openFeed())
  const expected = await numberedPositions(database.pool)
  expect(expected).toHaveLength(total)
  const feed = await openFeed()
  for (const limit of [7, 1_000, largestHeldWindow, 20_000]) {
    expect((await readOn(feed, theFeed.start, limit))[0]).toEqual(expected)
  }
  const [start] = await readOn(feed, theFeed.start, 1, 700)
  expect(start).toEqual(expected.slice(0, 700))
  const [, cursor] = await readOn(feed, theFeed.start, 100, total - 700)
  expect((await readOn(feed, cursor, 1))[0]).toEqual(expected.slice(cursor.ordinal))
})

test('reads page by page a window that consists of one held transaction', async () => {
  const [ticking, importer, other] = [await openFeed(), await openWriter(), await openWriter()]
  await importer.run('begin')
  await appendMany(importer, largestHeldWindow + 10)
  await other.commit('a')
  await ticking.tick()
  await importer.run('commit')
  const { window } = await ticking.tick()
  expect([window.eventCount, window.floor]).toEqual([largestHeldWindow + 10, undefined])
  const expected = await numberedPositions(database.pool)
  for (const limit of [999, 20_000]) {
    expect((await readOn(await openFeed(), theFeed.start, limit))[0]).toEqual(expected)
  }
})

for (const limit of [100, 20_000]) {
  test(`reports rows that are missing from a window, with pages of ${limit}`, async () => {
    const [ticking, writer] = [await openFeed(), await openWriter()]
    await appendMany(writer, largestHeldWindow + 10)
    await ticking.tick()
    await writer.commit('a', 'b')
    await ticking.tick()
    await database.pool.query('delete from trifold.outbox where position in (17, 5012)')
    const reading = readOn(await openFeed(), theFeed.start, limit)
    await expect(reading).rejects.toMatchObject({ code: 'FEED_INCOMPLETE' })
  })
}
