import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { definitionCost } from '../../src/definition/plan-cost.ts'
import { describeDefinition } from '../../src/definition.ts'
import { snapshotsOfKeys } from '../../src/lease/range-snapshots.ts'
import { KeyBounds } from '../../src/rebuild/key-bounds.ts'
import type { CopiedRange, KeyBound } from '../../src/schema/range-snapshots.ts'
import { parseSnapshot } from '../../src/snapshot.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let client: pg.Client
let folder: string
let definitions = 0
beforeAll(async () => {
  database = await createDatabase()
  client = await openClient(database.url, { name: 'test' })
  folder = await mkdtemp(join(tmpdir(), 'trifold-bounds-'))
  await client.query(`
    create table orders (id bigint primary key, name text not null);
    create table lines (order_id bigint not null, line integer not null, quantity integer not null, primary key (order_id, line));
    insert into orders select id, chr(64 + id) from generate_series(1, 12) as id;
    insert into lines select id, line, 1 from generate_series(1, 12) as id, generate_series(1, 2) as line`)
})
afterAll(async () => {
  await client?.end()
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const describe = async (sql: string, key: string[]) => {
  const name = `defined_${++definitions}`
  await writeFile(join(folder, `${name}_v01.sql`), sql)
  return describeDefinition(client, folder, name, { key })
}

/** Where all ranges of so many rows end. */
async function boundsOf(sql: string, key: string[], limit: number): Promise<KeyBound[]> {
  const bounds = await KeyBounds.of(client, await describe(sql, key))
  const found: KeyBound[] = []
  for (;;) {
    const bound = await bounds.next(found.at(-1), limit)
    if (!bound) return found
    found.push(bound)
  }
}

const totals = `select orders.id as order_id, sum(quantity) as quantity
  from orders join lines on order_id = orders.id
  group by orders.id`

it('ends ranges at keys of the table behind the first key column, in the order of the type', async () => {
  expect(await boundsOf(totals, ['order_id'], 4)).toEqual([['4'], ['8'], ['12']])
})

it('takes the columns of the key that come from one table', async () => {
  const lines = `select order_id, line, name from lines join orders on orders.id = order_id`
  expect(await boundsOf(lines, ['order_id', 'line'], 7)).toEqual([
    ['4', '1'],
    ['7', '2'],
    ['11', '1'],
  ])
  const mixed = `select lines.order_id, orders.name, line from lines join orders on orders.id = order_id`
  expect(await boundsOf(mixed, ['order_id', 'name', 'line'], 10)).toEqual([['5'], ['10']])
})

it('takes the definition if the key is computed', async () => {
  expect(await boundsOf(`select id + 100 as far from orders`, ['far'], 5)).toEqual([['105'], ['110']])
})

it('knows the definitions of which a range costs as much as the whole', async () => {
  await client.query(`
    create table many (id bigint primary key, day date not null);
    insert into many select id, '2026-01-01'::date + (id % 1000)::int from generate_series(1, 50000) as id`)
  await client.query('analyze many')
  const isCheap = async (sql: string, key: string[]) => {
    const definition = await describe(sql, key)
    const bounds = await KeyBounds.of(client, definition)
    const first = (await bounds.next(undefined, 5_000)) as KeyBound
    return bounds.areCheap(await definitionCost(client, definition), first, 5_000)
  }
  expect(await isCheap('select id, day from many', ['id'])).toBe(true)
  expect(await isCheap('select id, rank() over (order by day) as place from many', ['id'])).toBe(false)
})

const numbered = (bounds: (string[] | undefined)[]): CopiedRange[] =>
  bounds.slice(1).map((upTo, number) => ({
    number,
    after: bounds[number],
    upTo,
    rows: 1,
    snapshot: parseSnapshot(`1:${number + 1}:`),
  }))

it('finds the range of a key as PostgreSQL compares, and none where a range is forgotten', async () => {
  const ranges = numbered([undefined, ['9'], ['10'], ['100'], undefined])
  const definition = await describe(totals, ['order_id'])
  const found = async (left: CopiedRange[]) =>
    (await snapshotsOfKeys(client, definition, left, [['2'], ['9'], ['10'], ['11'], ['100'], ['101']])).map(
      (snapshot) => snapshot?.xmax,
    )
  expect(await found(ranges)).toEqual([1, 1, 2, 3, 3, 4])
  expect(await found(ranges.slice(1))).toEqual([undefined, undefined, 2, 3, 3, 4])
  expect(await found([ranges[0], ranges[2]] as CopiedRange[])).toEqual([1, 1, undefined, 3, 3, undefined])
  expect(await found([])).toEqual(Array(6).fill(undefined))
})

it('finds the range of a text key bytewise, and of a key of several columns', async () => {
  const texts = numbered([undefined, ['B'], ['a'], undefined])
  const named = await describe('select name from orders', ['name'])
  const found = await snapshotsOfKeys(client, named, texts, [['A'], ['B'], ['Z'], ['a'], ['b']])
  expect(found.map((snapshot) => snapshot?.xmax)).toEqual([1, 1, 2, 2, 3])
  const lines = await describe('select order_id, line from lines', ['order_id', 'line'])
  const pairs = numbered([undefined, ['9', '1'], undefined])
  const both = await snapshotsOfKeys(client, lines, pairs, [
    ['9', 1],
    ['9', 2],
    ['10', 1],
  ])
  expect(both.map((snapshot) => snapshot?.xmax)).toEqual([1, 2, 2])
})
