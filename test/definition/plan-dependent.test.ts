import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { resolveDefinition } from '../../src/definition/resolution.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let client: pg.Client
beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  client = await openClient(database.url, { name: 'test' })
  await client.query(`
    create table orders (id integer primary key, weight double precision, note text);
    create table lines (order_id integer, sku text, weight real, price numeric);
    create view sums as select order_id, sum(weight) as heavy, count(*) as lines from lines group by order_id`)
})
afterAll(async () => {
  await client.end()
  await database.close()
})

const found = async (select: string) =>
  Object.fromEntries(
    (await resolveDefinition(client, select)).resolution.planDependent?.map(({ column, reason }) => [column, reason]) ??
      [],
  )

it.each([
  ['string_agg(sku, $$,$$)', 'string_agg without order by'],
  ['array_agg(sku)', 'array_agg without order by'],
  ['jsonb_agg(sku)::text', 'jsonb_agg without order by'],
  ['coalesce(upper(string_agg(sku, $$,$$)), $$-$$)', 'string_agg without order by'],
  ['sum(weight)', 'sum of floating-point numbers'],
  ['avg(weight) + 1', 'avg of floating-point numbers'],
  ['clock_timestamp()::text', 'clock_timestamp() may give another value each time'],
  ['array(select sku from lines)', 'array(select …) without order by'],
  ['(select string_agg(note, $$,$$) from orders)', 'string_agg without order by'],
])('names %s', async (expression, reason) => {
  expect(await found(`select order_id, ${expression} as value from lines group by order_id`)).toEqual({ value: reason })
})

it.each([
  'string_agg(sku, $$,$$ order by sku)',
  'array_agg(distinct sku)',
  'sum(price)',
  'avg(price)',
  'max(weight)',
  'count(*)',
  'array(select sku from lines order by sku)',
])('takes %s as it is', async (expression) => {
  expect(await found(`select order_id, ${expression} as value from lines group by order_id`)).toEqual({})
})

it.each([
  [
    'a subquery',
    `select id, a from orders join (select order_id, array_agg(sku) as a from lines group by 1) as l on order_id = id`,
  ],
  [
    'a common table expression',
    `with l as (select order_id, array_agg(sku) as a from lines group by 1) select id, a from orders join l on order_id = id`,
  ],
  [
    'a lateral join',
    `select id, a from orders left join lateral (select array_agg(sku) as a from lines where order_id = id) as l on true`,
  ],
  [
    'a union',
    `select id, array[note] as a from orders union all select order_id, array_agg(sku) from lines group by 1`,
  ],
])('finds it in %s, and in no other column', async (_, select) => {
  expect(await found(select)).toEqual({ a: 'array_agg without order by' })
})

it('finds it in a view inside, and in a recursive query comes to an end', async () => {
  expect(await found('select order_id, heavy, lines from sums')).toEqual({ heavy: 'sum of floating-point numbers' })
  const recursive = `with recursive up as (select 1 as id, 'a'::text as path union all select id + 1, path || id from up where id < 9)
    select id, path from up`
  expect(await found(recursive)).toEqual({})
})
