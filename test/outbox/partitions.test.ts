import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { ensurePartitions } from '../../src/outbox/partitions.ts'
import { theFeed } from '../feed/design.ts'
import { Reader } from '../feed/reader.ts'
import { Setting, settle, soon } from '../feed/setting.ts'
import { createAggregates, type Writer } from '../feed/writer.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

/** The first partition, which the migration makes, ends here. */
const firstEnd = 20_000_000

let database: TestDatabase
let setting: Setting

beforeEach(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  setting = new Setting(database, theFeed)
})

afterEach(async () => {
  await setting?.close()
  await database?.close()
})

/** The maintenance of one worker, with partitions of 1,000 positions. */
async function maintain(options: Parameters<typeof ensurePartitions>[1] = {}) {
  const client = await openClient(database.url, { name: 'maintenance' })
  try {
    return await ensurePartitions(client, { size: 1_000, ...options })
  } finally {
    await client.end()
  }
}

const moveTo = (position: number) => database.pool.query(`select setval('trifold.outbox_position', ${position})`)

async function placesOfRows(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query(
    'select tableoid::regclass::text as place, count(*)::int as count from trifold.outbox group by 1 order by 1',
  )
  return Object.fromEntries(rows.map(({ place, count }) => [place, count]))
}

async function appendTimes(writer: Writer, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await writer.commit('a', 'b')
}

const waitsForDefault = `exists (
  select from pg_locks
  where relation = 'trifold.outbox_default'::regclass and mode = 'AccessExclusiveLock' and not granted
)`

test('keeps partitions ready beyond the one that is written now', async () => {
  expect(await maintain()).toEqual({ lastPosition: 0, created: [], due: [] })
  await moveTo(firstEnd - 500)
  const created = [{ name: 'outbox_p20000001', from: 20_000_001, to: 20_001_000 }]
  expect(await maintain()).toEqual({ lastPosition: firstEnd - 500, created, due: [] })
  expect(await maintain()).toMatchObject({ created: [], due: [] })
  expect((await maintain({ ahead: 3 })).created.map(({ from }) => from)).toEqual([20_001_001, 20_002_001])
})

test('routes events over the edge of a partition and delivers them in order', async () => {
  const [process, writer] = [await setting.process(), await setting.writer()]
  await moveTo(firstEnd - 5)
  await maintain()
  await appendTimes(writer, 5)
  expect(await placesOfRows()).toEqual({ 'trifold.outbox_p0': 5, 'trifold.outbox_p20000001': 5 })
  const reader = setting.reader()
  expect(await soon(process, reader, 10)).toBe(true)
  expect(await settle(database, theFeed, [reader])).toEqual([])
})

test('never fails an append when maintenance is behind, and says what to do', async () => {
  const [process, writer] = [await setting.process(), await setting.writer()]
  const reader = setting.reader()
  await moveTo(firstEnd - 5)
  await appendTimes(writer, 5)
  expect(await placesOfRows()).toEqual({ 'trifold.outbox_default': 5, 'trifold.outbox_p0': 5 })
  expect(await soon(process, reader, 10)).toBe(true)
  const report = await maintain()
  expect(report.due).toEqual([
    {
      name: 'outbox_p20000001',
      from: 20_000_001,
      to: 20_001_000,
      reason: 'the default partition holds 5 rows of it',
      nextStep: expect.stringContaining('moveRows'),
    },
  ])
  expect(report.created.map(({ from }) => from)).toEqual([20_001_001])
  await appendTimes(writer, 3)
  expect(await soon(process, reader, 16)).toBe(true)
  expect(await settle(database, theFeed, [reader])).toEqual([])
})

test('moves the rows out of the default partition when asked, and every reader still gets the same', async () => {
  const [process, writer] = [await setting.process(), await setting.writer()]
  const early = setting.reader()
  await moveTo(firstEnd)
  await appendTimes(writer, 5)
  await soon(process, early, 10)
  expect(await maintain({ moveRows: true })).toMatchObject({ created: [{ from: 20_000_001 }, {}], due: [] })
  expect(await placesOfRows()).toEqual({ 'trifold.outbox_p20000001': 10 })
  await appendTimes(writer, 1)
  expect(await settle(database, theFeed, [early, new Reader('late', theFeed)])).toEqual([])
})

test('gives up the lock for which reads of the outbox would wait, and lets appends pass meanwhile', async () => {
  const writer = await setting.writer()
  await moveTo(firstEnd - 100)
  const reading = await setting.locked('select from trifold.outbox')
  const maintenance = maintain({ lockTimeout: 1_000 })
  await setting.until(waitsForDefault)
  await writer.commit('a')
  await setting.until(waitsForDefault)
  expect(await maintenance).toMatchObject({ created: [], due: [{ reason: expect.stringContaining('lock timeout') }] })
  await reading.release()
  expect(await maintain()).toMatchObject({ created: [{ from: 20_000_001 }], due: [] })
})

test('makes each partition once when several workers maintain at the same time', async () => {
  await moveTo(firstEnd - 100)
  const reports = await Promise.all([maintain({ ahead: 4 }), maintain({ ahead: 4 }), maintain({ ahead: 4 })])
  // A server that analyzes the outbox at this moment stands in the way as another worker does: it is tried again.
  await until('nothing is due', async () => {
    const rest = await maintain({ ahead: 4 })
    reports.push(rest)
    return rest.due.length === 0
  })
  // Partitions between those that another worker made become one.
  const created = reports.flatMap((report) => report.created).toSorted((a, b) => a.from - b.from)
  expect(created.map(({ from }) => from)).toEqual([20_000_001, ...created.slice(0, -1).map(({ to }) => to + 1)])
  expect(created.at(-1)?.to).toBe(20_004_000)
})
