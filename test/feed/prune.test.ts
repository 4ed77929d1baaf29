import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { pruneWindows } from '../../src/feed/prune.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { Setting } from './setting.ts'
import { createAggregates } from './writer.ts'

let database: TestDatabase
let setting: Setting

/** A log of windows 0 to 9, an hour old but for the last three. */
beforeEach(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  setting = new Setting(database, theFeed)
  const [process, writer] = [await setting.process(), await setting.writer()]
  for (let window = 1; window < 10; window++) {
    await writer.commit('a')
    await process.tick()
  }
  await database.pool.query(`update trifold.windows set taken_at = taken_at - interval '1 hour' where id < 7`)
})

afterEach(async () => {
  await setting?.close()
  await database?.close()
})

async function addGeneration(
  state: string,
  buildWindow: number,
  cursorWindow?: number,
  pageWindow: number | undefined = cursorWindow,
): Promise<void> {
  const { rows } = await database.pool.query(
    `insert into trifold.generations
      (target, number, storage, state, reason, definition_version, definition_hash, columns, build_window)
    values (gen_random_uuid()::text, 1, 'none', $1, 'test', 1, '', '[]', $2)
    returning id`,
    [state, buildWindow],
  )
  if (cursorWindow === undefined) return
  await database.pool.query(
    `insert into trifold.consumers (generation_id, era, window_id, page_window, ordinal, handlers_version)
    values ($1, 1, $2, $3, 0, 1)`,
    [rows[0].id, cursorWindow, pageWindow],
  )
}

async function prune(keepMilliseconds: number): Promise<number[]> {
  const client = await openClient(database.url, { name: 'maintenance' })
  try {
    await pruneWindows(client, { keepMilliseconds })
  } finally {
    await client.end()
  }
  const { rows } = await database.pool.query('select id::int from trifold.windows order by id')
  return rows.map(({ id }) => id)
}

test('deletes windows that are old enough', async () => {
  expect(await prune(600_000)).toEqual([7, 8, 9])
})

test('keeps the newest window, however old it is', async () => {
  expect(await prune(-600_000)).toEqual([9])
})

test('keeps the window at which a consumer stands and all after it', async () => {
  await addGeneration('serving', 0, 6)
  await addGeneration('serving', 0, 4)
  await addGeneration('dropped', 0, 1)
  expect(await prune(600_000)).toEqual([4, 5, 6, 7, 8, 9])
})

test('keeps the windows of the last page: an index may lack it', async () => {
  await addGeneration('serving', 0, 6, 3)
  await addGeneration('serving', 0, 5)
  expect(await prune(600_000)).toEqual([3, 4, 5, 6, 7, 8, 9])
})

test('keeps a thousand windows for a cursor that an earlier version has moved', async () => {
  await addGeneration('serving', 0, 6)
  await database.pool.query('update trifold.consumers set page_window = null')
  expect(await prune(600_000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('keeps the window from which a generation that is built now will be read', async () => {
  await addGeneration('building', 3)
  expect(await prune(600_000)).toEqual([3, 4, 5, 6, 7, 8, 9])
})

test('keeps it for a build that was interrupted for as long as windows are kept', async () => {
  await addGeneration('building', 3)
  await database.pool.query(`update trifold.generations set created_at = now() - interval '11 minutes'`)
  expect(await prune(720_000)).toContain(3)
  expect(await prune(600_000)).toEqual([7, 8, 9])
})

test('refuses to read on from a window that is gone', async () => {
  await prune(600_000)
  const late = setting.reader()
  await expect(late.next(await setting.process(), 10)).rejects.toMatchObject({ code: 'FEED_INCOMPLETE' })
})
