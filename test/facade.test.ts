import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../src/database.ts'
import { facadeRelation, pointFacade } from '../src/facade.ts'
import { createDatabase, type TestDatabase } from './support/database.ts'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`
    create table trifold.one as select 1 as a, 'x' as b;
    create table trifold.two as select 2 as a, 'y' as b, true as c;
    create table trifold.reordered as select false as c, 3 as a, 'z' as b;
    create table trifold.retyped as select 4::bigint as a`)
})

afterAll(async () => {
  await client.end()
  await database.close()
})

const point = (name: string, relation: string, columns: string[], patience?: number) =>
  inTransaction(client, () =>
    pointFacade(client, { schema: 'public', name, relation, columns }, patience === undefined ? {} : { patience }),
  )

const rowsOf = async (name: string) => (await database.pool.query(`select * from ${name}`)).rows

test('a facade is made, swapped in place, and knows what it shows', async () => {
  await point('swapped', 'one', ['a', 'b'])
  expect(await rowsOf('swapped')).toEqual([{ a: 1, b: 'x' }])
  await point('swapped', 'two', ['a', 'b'])
  expect(await rowsOf('swapped')).toEqual([{ a: 2, b: 'y' }])
  expect(await facadeRelation(client, { schema: 'public', name: 'swapped' })).toBe('two')
})

test('a column added in front of others keeps the views that depend on the facade', async () => {
  await point('grown', 'one', ['a', 'b'])
  await client.query('create view report as select b from grown')
  await point('grown', 'reordered', ['c', 'a', 'b'])
  expect(await rowsOf('grown')).toEqual([{ a: 3, b: 'z', c: false }])
  expect(await rowsOf('report')).toEqual([{ b: 'z' }])
})

test('a facade whose columns are gone or retyped is made again with its grants and its comment', async () => {
  await client.query('drop role if exists trifold_facade_reader')
  await client.query('create role trifold_facade_reader')
  await point('retyped', 'one', ['a', 'b'])
  await client.query('grant select on retyped to trifold_facade_reader with grant option')
  await client.query(`comment on view retyped is E'Ours.\\ntrifold: facade of one'`)
  await point('retyped', 'retyped', ['a'])
  expect(await rowsOf('retyped')).toEqual([{ a: '4' }])
  const { rows } = await client.query(
    `select has_table_privilege('trifold_facade_reader', 'retyped', 'select with grant option') as may`,
  )
  expect(rows).toEqual([{ may: true }])
  expect((await client.query(`select obj_description('retyped'::regclass) as text`)).rows).toEqual([
    { text: 'Ours.\ntrifold: facade of retyped' },
  ])
  await client.query('drop owned by trifold_facade_reader; drop role trifold_facade_reader')
})

test('comments are set without waiting for readers, and stay when the facade is swapped or made again', async () => {
  const described = { comment: "One of 'ours'.", comments: new Map([['a', 'The first\\last.']]) }
  const pointDescribed = (relation: string, columns: string[], more: object = described) =>
    inTransaction(client, () =>
      pointFacade(client, { schema: 'public', name: 'described', relation, columns, ...more }, { patience: 0 }),
    )
  const comments = async () => {
    const { rows } = await client.query(`
      select
        obj_description('described'::regclass) as view,
        col_description('described'::regclass, 1) as a,
        col_description('described'::regclass, 2) as b`)
    return rows[0]
  }
  await pointDescribed('one', ['a', 'b'], {})
  await client.query(`comment on column described.b is 'by hand'`)
  const reader = await database.pool.connect()
  await reader.query('begin')
  await reader.query('select * from described')
  await pointDescribed('one', ['a', 'b'])
  const shown = (relation: string) => `One of 'ours'.\ntrifold: facade of ${relation}`
  expect(await comments()).toEqual({ view: shown('one'), a: 'The first\\last.', b: 'by hand' })
  await reader.query('commit')
  reader.release()
  await pointDescribed('two', ['a', 'b'], {})
  expect(await comments()).toEqual({ view: shown('two'), a: 'The first\\last.', b: 'by hand' })
  await pointDescribed('retyped', ['a'], {})
  expect(await comments()).toEqual({ view: shown('retyped'), a: 'The first\\last.', b: null })
})

test('a view that stands on a column that is gone is named, and nothing changes', async () => {
  await point('depended', 'two', ['a', 'b', 'c'])
  await client.query('create view monthly as select c from depended')
  await expect(point('depended', 'one', ['a', 'b'])).rejects.toMatchObject({
    code: 'FACADE_DEPENDED',
    message: expect.stringContaining('view monthly depends on view depended'),
  })
  expect(await rowsOf('depended')).toEqual([{ a: 2, b: 'y', c: true }])
})

test.each([
  ['table', 'create table taken_table (a integer)'],
  ['view', 'create view taken_view as select 1 as a'],
  ['materialized view', 'create materialized view taken_matview as select 1 as a'],
])('a %s of that name that Trifold did not make is never taken over', async (_, statement) => {
  await client.query(statement)
  const name = /taken_\w+/.exec(statement)?.[0] as string
  await expect(point(name, 'one', ['a'])).rejects.toMatchObject({ code: 'FACADE_TAKEN' })
})

test('a reader in a long transaction delays the swap, and readers that come meanwhile are let through', async () => {
  await point('held', 'one', ['a', 'b'])
  const reader = await database.pool.connect()
  await reader.query('begin')
  await reader.query('select * from held')
  const swap = point('held', 'two', ['a', 'b'])
  await untilWaiting()
  expect(await rowsOf('held')).toEqual([{ a: 1, b: 'x' }])
  await reader.query('commit')
  reader.release()
  await swap
  expect(await rowsOf('held')).toEqual([{ a: 2, b: 'y' }])
})

test('a reader that stays for longer than the patience wins, and the transaction goes on', async () => {
  await point('stubborn', 'one', ['a', 'b'])
  const reader = await database.pool.connect()
  await reader.query('begin')
  await reader.query('select * from stubborn')
  await expect(point('stubborn', 'two', ['a', 'b'], 0)).rejects.toMatchObject({ code: 'FACADE_BUSY' })
  expect(await rowsOf('stubborn')).toEqual([{ a: 1, b: 'x' }])
  await reader.query('commit')
  reader.release()
})

test('the lock timeout of the transaction is the same afterwards', async () => {
  await inTransaction(client, async () => {
    await client.query(`set local lock_timeout = '7s'`)
    await pointFacade(client, { schema: 'public', name: 'settings', relation: 'one', columns: ['a'] })
    expect((await client.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '7s' }])
  })
})

test('two sessions that make the same facade at once both succeed', async () => {
  const facade = { schema: 'public', name: 'raced', relation: 'one', columns: ['a', 'b'] }
  const sessions = await Promise.all([1, 2, 3, 4].map(() => database.pool.connect()))
  await Promise.all(sessions.map((session) => inTransaction(session, () => pointFacade(session, facade))))
  for (const session of sessions) session.release()
  expect(await rowsOf('raced')).toEqual([{ a: 1, b: 'x' }])
})

async function untilWaiting(): Promise<void> {
  await expect
    .poll(
      async () =>
        (await database.pool.query(`select from pg_locks where relation = 'held'::regclass and not granted`)).rowCount,
      { interval: 20 },
    )
    .toBe(1)
}
