import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPool } from '../../../src/database.ts'
import type { Definition } from '../../../src/definition.ts'
import { encodingOf } from '../../../src/encoding/catalog.ts'
import { planFind } from '../../../src/query/plan.ts'
import { findStatement } from '../../../src/query/relation/find.ts'
import { collationSql, type Find, indexColumnsSql, keyColumnsSql, relationReader } from '../../../src/query.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

const column = (name: string, oid: number, notNull: boolean) => ({ name, encoding: encodingOf({ oid })!, notNull })
const key = column('number', 25, true)
const definition: Definition = {
  readModel: 'orders',
  version: 1,
  file: 'orders_v01.sql',
  sql: '',
  hash: '',
  columns: [
    key,
    column('customer_id', 20, true),
    column('created_at', 1184, true),
    column('shipped_at', 1184, false),
    column('city', 25, false),
  ],
  key: [key],
  timeZone: 'UTC',
}
const source = { relation: 'public.orders_view', definition, target: 'orders@table' }
const indexes = [['customer_id', 'created_at desc'], ['shipped_at desc'], ['city', 'created_at'], ['city desc']]

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  pool = openPool(database.url, { name: 'test' })
  const columns = definition.columns.map(
    (one) => `${one.name} ${one.encoding.pgType}${collationSql(one)}${one.notNull ? ' not null' : ''}`,
  )
  await pool.query(`create table orders (${columns.join(', ')})`)
  await pool.query(`create unique index on orders (${keyColumnsSql(definition)})`)
  for (const index of indexes) await pool.query(`create index on orders (${indexColumnsSql(definition, index)})`)
  await pool.query('create view orders_view as select * from orders')
})

afterAll(async () => {
  await pool?.end()
  await database?.close()
})

/** Exactly `count` orders: three customers, ties in every column, a quarter not shipped. */
async function fillWith(count: number): Promise<void> {
  await pool.query('truncate orders')
  await pool.query(
    `insert into orders
    select
      'O' || lpad(n::text, 8, '0'),
      n % 3,
      '2024-01-01Z'::timestamptz + (n / 20) * interval '1 minute',
      case when n % 4 > 0 then '2024-02-01Z'::timestamptz + (n / 20) * interval '1 minute' end,
      case when n % 5 > 0 then 'city ' || n % 7 end
    from generate_series(1, $1::bigint) as n`,
    [count],
  )
  await pool.query('vacuum analyze orders')
}

interface Plan {
  'Node Type': string
  'Index Name'?: string
  'Actual Rows': number
  Filter?: string
  Plans?: Plan[]
  'Total Cost': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
}

async function explain(request: Find): Promise<{ nodes: Plan[]; blocks: number }> {
  const { text, values } = findStatement(source, planFind({ definition }, request))
  const { rows } = await pool.query(`explain (analyze, buffers, format json) ${text}`, values)
  const root = (JSON.parse(rows[0]['QUERY PLAN']) as [{ Plan: Plan }])[0].Plan
  const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)]
  return { nodes: flat(root), blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'] }
}

const shape = (nodes: Plan[]): string[] => nodes.map((node) => node['Node Type'])
const scans = (nodes: Plan[]): Plan[] => nodes.filter((node) => node['Node Type'].includes('Scan'))

// One range of one index, in its order, whichever way the index is read.
const oneRange: [string, Find][] = [
  ['newest of a customer', { where: { customer_id: 2 }, sort: '-created_at' }],
  ['oldest of a customer', { where: { customer_id: 2 }, sort: 'created_at' }],
  ['oldest of a customer by two columns', { where: { customer_id: 2 }, sort: ['customer_id', 'created_at'] }],
  ['by key', {}],
  ['by key, descending', { sort: '-number' }],
  ['from a key on', { where: { number: { gte: 'O00000500' } } }],
]

/** The blocks that a page reads, which must come from one range of one index. */
async function blocksOfOneRange(title: string, request: Find): Promise<number> {
  const { nodes, blocks } = await explain(request)
  expect(shape(nodes), title).toEqual(['Limit', expect.stringMatching(/^Index (Only )?Scan$/)])
  expect(nodes[1], title).not.toHaveProperty('Filter')
  return blocks
}

/** What the first page and one deep in the orders read, for each request. */
async function blocksOfPages(count: number): Promise<number[]> {
  const blocks: number[] = []
  for (const [title, asked] of oneRange) {
    const request = { ...asked, limit: 20 }
    const { cursor } = await relationReader(pool, source).find({ ...request, limit: count / 10 })
    blocks.push(await blocksOfOneRange(title, request))
    blocks.push(await blocksOfOneRange(`${title}, deep`, { ...request, cursor: cursor as string }))
  }
  return blocks
}

test('a page is one range of one index without a sort, and costs the same when the orders grow a hundredfold', async () => {
  await fillWith(1_000)
  const small = await blocksOfPages(1_000)
  await fillWith(100_000)
  const large = await blocksOfPages(100_000)
  const deeper = 4 // an index of 100,000 rows has a level or two more
  for (const [place, blocks] of large.entries()) expect(blocks).toBeLessThanOrEqual(small[place]! + deeper)
})

test('pages in the order of a column that may be null read no more rows than they return, before and behind its last value', async () => {
  await fillWith(12_000)
  for (const request of [{ sort: '-shipped_at' }, { sort: '-city' }, { sort: ['city', 'created_at'] }] as Find[]) {
    const first = await explain({ ...request, limit: 20 })
    expect(scans(first.nodes).map((node) => node['Node Type'])).toEqual(['Index Scan'])
    for (const page of [4_000, 10_000]) {
      const { cursor } = await relationReader(pool, source).find({ ...request, limit: page })
      const { nodes } = await explain({ ...request, limit: 20, cursor: cursor as string })
      for (const scan of scans(nodes).filter((node) => node['Node Type'] !== 'Subquery Scan')) {
        expect(scan['Node Type']).toMatch(/Index/)
        expect(scan['Actual Rows']).toBeLessThanOrEqual(21)
        expect(scan['Rows Removed by Filter'] ?? 0).toBe(0)
      }
    }
  }
})

test('an index is declared as the orders are: with the key, nulls last, text by bytes', () => {
  expect(indexes.map((index) => indexColumnsSql(definition, index))).toEqual([
    '"customer_id", "created_at" desc, "number" collate "C" desc',
    '"shipped_at" desc nulls last, "number" collate "C" desc',
    '"city" collate "C", "created_at", "number" collate "C"',
    '"city" collate "C" desc nulls last, "number" collate "C" desc',
  ])
  expect(indexColumnsSql(definition, ['number desc'])).toBe('"number" collate "C" desc')
  expect(indexColumnsSql(definition, ['city ignoring case'])).toBe(
    `(replace(lower("city" collate "und-x-icu"), 'ς', 'σ')) collate "C", "number" collate "C"`,
  )
  expect(() => indexColumnsSql(definition, ['created_at ignoring case'])).toThrow('which holds no text (time)')
  expect(() => indexColumnsSql(definition, ['colour'])).toThrow(
    'config: an index of orders names "colour", which is not a column; write a column, `column desc` or `column ignoring case`, of number, ' +
      'customer_id, created_at, shipped_at, city',
  )
})
