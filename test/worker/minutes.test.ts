import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { addToMinute, pruneMinutes } from '../../src/schema/minutes.ts'
import { Minutes } from '../../src/worker/minutes.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('delete from trifold.minutes'))

const sums = async () =>
  (
    await database.pool.query(
      `select target, max(lag_ms) as lag, sum(events)::integer as events, sum(keys)::integer as keys
      from trifold.minutes
      group by target
      order by target`,
    )
  ).rows
const page = { kind: 'page.applied', target: 'a@table', window: 1, ordinal: 1, ms: 1 } as const

it('writes what was applied, all targets in one statement, and what is left at the end', async () => {
  const minutes = new Minutes(database.pool, [{ target: 'a@table', showsApplied: true }], 10)
  const stop = new AbortController()
  const running = minutes.run(stop.signal)
  minutes.observe({ ...page, events: 5, keys: 3 })
  minutes.observe({ ...page, events: 2, keys: 2 })
  minutes.observe({ ...page, target: 'b@search', events: 1, keys: 1 })
  await until('it was written', async () => (await sums()).length === 2)
  minutes.observe({ ...page, events: 10, keys: 1 })
  stop.abort()
  await running
  expect(await sums()).toEqual([
    { target: 'a@table', lag: null, events: 17, keys: 6 },
    { target: 'b@search', lag: null, events: 1, keys: 1 },
  ])
})

it('adds what several workers have seen, and keeps the greatest lag', async () => {
  const seen = { target: 'a@table', events: 1, keys: 1 }
  await addToMinute(database.pool, [{ ...seen, lag: 50 }])
  await addToMinute(database.pool, [
    { ...seen, lag: 900 },
    { ...seen, target: 'b@table', lag: undefined },
  ])
  await addToMinute(database.pool, [{ ...seen, lag: undefined }])
  expect(await sums()).toEqual([
    { target: 'a@table', lag: 900, events: 3, keys: 3 },
    { target: 'b@table', lag: null, events: 1, keys: 1 },
  ])
})

it('is pruned by age', async () => {
  await database.pool.query(
    `insert into trifold.minutes (minute, target)
    select now() - days * interval '1 day', 'a@table'
    from unnest(array[1, 29, 31]) as days`,
  )
  await pruneMinutes(database.pool, 30)
  expect((await database.pool.query('select from trifold.minutes')).rows).toHaveLength(2)
})
