import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDefinition } from '../../src/definition.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'trifold-null-'))
  await database.pool.query(`
    create table customers (id integer primary key, name text not null, nick text);
    create table orders (id integer primary key, customer_id integer references customers, status text not null, at date not null)
      partition by range (id);
    create table orders_1 partition of orders for values from (0) to (1000);
    create table lines (order_id integer not null, place integer not null, amount numeric not null, primary key (order_id, place));
    create view named as select id, name from customers;`)
})

afterAll(async () => {
  await database?.close()
  if (folder) await rm(folder, { recursive: true })
})

/** Each SELECT has columns that are never null, whose names say so (`n1`, `n2`), and others that may be. */
const selects: [what: string, select: string][] = [
  ['plain columns of a table', 'select id as n1, name as n2, nick as m1 from customers'],
  ['of a partitioned table', 'select id as n1, status as n2, customer_id as m1 from orders'],
  [
    'an inner join',
    'select o.id as n1, c.name as n2, c.nick as m1 from orders o join customers c on c.id = o.customer_id',
  ],
  [
    'a left join',
    'select o.id as n1, o.status as n2, c.name as m1 from orders o left join customers c on c.id = o.customer_id',
  ],
  ['a right join', 'select c.name as n1, o.status as m1 from orders o right join customers c on c.id = o.customer_id'],
  ['a full join', 'select o.id as m1, c.name as m2 from orders o full join customers c on c.id = o.customer_id'],
  [
    'a left join that a condition makes an inner one',
    'select o.id as n1, c.name as n2 from orders o left join customers c on c.id = o.customer_id where c.id > 5',
  ],
  [
    'a table on both sides',
    'select a.name as m1, b.name as m2 from customers a left join customers b on b.id = a.id + 1',
  ],
  [
    'a subquery and a CTE',
    'with o as (select * from orders) select o.id as n1, s.name as n2 from o join (select * from customers) s on s.id = o.customer_id',
  ],
  [
    'a materialized CTE behind a left join',
    'with c as materialized (select * from customers) select o.id as m0, c.name as m1 from orders o left join c on c.id = o.customer_id',
  ],
  [
    'a lateral join',
    'select o.id as n1, l.amount as m1 from orders o left join lateral (select amount from lines where order_id = o.id limit 1) l on true',
  ],
  ['a union', 'select id as m1 from customers union all select null'],
  [
    'a scalar subquery',
    'select o.id as n1, (select name from customers c where c.id = o.customer_id) as m1 from orders o',
  ],
  [
    'counts and sums',
    `select o.id as n1, count(*) as n2, count(l.place) as n3, count(*) filter (where l.amount > 1) as n4,
      coalesce(sum(l.amount), 0) as n5, sum(l.amount) as m1, nullif(count(*), 0) as m2, count(*) + null as m3, coalesce(min(c.nick), '(none)') as n6
    from orders o left join lines l on l.order_id = o.id left join customers c on c.id = o.customer_id group by o.id`,
  ],
  ['a sorted count', 'select customer_id as m1, count(*) as n1 from orders group by customer_id order by count(*)'],
  [
    'counts behind a left join',
    'select o.id as n1, l.lines as m1, l.total as m2 from orders o left join (select order_id, count(*) as lines, coalesce(sum(amount), 0) as total from lines group by order_id) l on l.order_id = o.id',
  ],
  [
    'a coalesce behind a left join',
    `select o.id as n1, c.shown as m1 from orders o left join (select id, coalesce(nick, '?') as shown from customers) c on c.id = o.customer_id`,
  ],
  ['grouping sets', 'select status as m1, at as m2, count(*) as m3 from orders group by rollup (status, at)'],
  ['a view', 'select id as m1, name as m2 from named'],
  ['a table without rows', 'select id as n1 from customers where false'],
]

test.each(selects)('%s', async (_, select) => {
  await writeFile(join(folder, 'm_v01.sql'), select)
  const client = await database.pool.connect()
  try {
    const { columns } = await describeDefinition(client, folder, 'm', { key: [] })
    const never = columns.filter(({ neverNull }) => neverNull).map(({ name }) => name)
    const expected = columns.map(({ name }) => name).filter((name) => name.startsWith('n'))
    if (select.endsWith('where false')) expect(never).toEqual([])
    else expect(never).toEqual(expected)
  } finally {
    client.release()
  }
})
