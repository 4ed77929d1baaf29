import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { resolutionChanges, resolveDefinition } from '../../src/definition/resolution.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

const tables = `
  create schema other;
  create table orders (id integer primary key, total numeric(10,2), note text);
  create table archive (id integer primary key, total numeric(10,2), note text);
  create table lines (order_id integer, amount integer) partition by list (order_id);
  create function doubled(integer) returns integer language sql stable as 'select 2 * $1';
  create view open_orders as select id, total from orders where note is null;
  create materialized view monthly as select count(*) as orders from orders`

describe('what a definition resolved to', () => {
  let database: TestDatabase
  let client: pg.Client

  beforeEach(async () => {
    database = await createDatabase({ migrated: false })
    await database.pool.query(tables)
    client = await openClient(database.url, { name: 'resolution test' })
  })
  afterEach(async () => {
    await client.end()
    await database.close()
  })

  it('names the relations, also those inside of views, with the columns that are read', async () => {
    const { resolution, unstable } = await resolveDefinition(
      client,
      'select open_orders.id, doubled(1), (select count(*) from public.lines), monthly.orders from open_orders, monthly',
    )
    expect(unstable).toEqual([])
    expect(resolution.relations.map(({ name, kind, bySearchPath }) => [name, kind, bySearchPath])).toEqual([
      ['public.orders', 'r', false],
      ['public.lines', 'p', false],
      ['public.open_orders', 'v', true],
      ['public.monthly', 'm', true],
    ])
    expect(resolution.relations[0]?.columns).toEqual([
      { number: 1, name: 'id', type: 'integer' },
      { number: 2, name: 'total', type: 'numeric(10,2)' },
      { number: 3, name: 'note', type: 'text' },
    ])
    expect(resolution.functions.map(({ name }) => name)).toEqual(['doubled(integer)'])
    expect(await resolutionChanges(client, resolution)).toEqual([])
    const left = await client.query(`select count(*) as views from pg_class where relname = 'trifold_resolution'`)
    expect(left.rows[0].views).toBe('0')
  })

  it('names what makes the rows depend on the clock, the session or chance', async () => {
    const { unstable } = await resolveDefinition(
      client,
      `select id, now(), current_user, random(), date_trunc('day', now()), to_char(total, '9'), age(now()), lower(note)
      from orders
      where id < extract(day from current_date) and current_setting('x', true) is null`,
    )
    expect([...unstable].sort()).toEqual([
      'age()',
      'current_date',
      'current_setting()',
      'current_user',
      'now()',
      'random()',
    ])
  })

  it('looks into views for what they call', async () => {
    await client.query('create view recent as select id from orders where now() > now()')
    expect((await resolveDefinition(client, 'select * from recent')).unstable).toEqual(['now()'])
  })

  const changes: [string, string, string[]][] = [
    [
      'tables that swap their names',
      `alter table orders rename to orders_old; alter table archive rename to orders`,
      ['public.orders was renamed to public.orders_old'],
    ],
    [
      'a column that is renamed while another takes its name',
      `alter table orders rename column note to remark; alter table orders add column note text`,
      ['the column public.orders.note was renamed to remark'],
    ],
    [
      'a column that is dropped and made again',
      `alter table orders drop column note; alter table orders add column note text`,
      ['the column public.orders.note was dropped'],
    ],
    [
      'a table that is dropped and made again',
      `drop table orders cascade; create table orders (id integer primary key, total numeric(10,2), note text)`,
      ['public.orders was dropped (and another may have its name)'],
    ],
    [
      'a type',
      `alter table orders alter column note type varchar(20)`,
      ['the column public.orders.note was text and is character varying(20)'],
    ],
    [
      'a table in front of it on the search_path',
      `create table other.orders (like orders); set search_path = other, public`,
      ['search_path no longer finds public.orders by its bare name'],
    ],
    [
      'a function',
      `create or replace function doubled(integer) returns integer language sql stable as 'select 3 * $1'`,
      ['the function doubled(integer) was replaced'],
    ],
  ]
  it.each(changes)('sees %s', async (_title, change, expected) => {
    await client.query('drop view open_orders; drop materialized view monthly')
    const { resolution } = await resolveDefinition(client, 'select id, doubled(id), note from orders')
    expect(await resolutionChanges(client, resolution)).toEqual([])
    await client.query(change)
    expect(await resolutionChanges(client, resolution)).toEqual(expected)
  })

  it('sees a view that was replaced, and not a column that nobody reads', async () => {
    const { resolution } = await resolveDefinition(client, 'select id from open_orders')
    await client.query('alter table archive drop column note; alter table orders add column extra text')
    expect(await resolutionChanges(client, resolution)).toEqual([])
    await client.query('create or replace view open_orders as select id, total from orders')
    expect(await resolutionChanges(client, resolution)).toEqual(['the view public.open_orders was replaced'])
  })

  it('sees a column that is added where whole rows are read', async () => {
    const counting = await resolveDefinition(client, 'select count(*) as orders from orders')
    const whole = await resolveDefinition(client, 'select id, to_jsonb(orders) as row from orders')
    await client.query('alter table orders add column extra text')
    expect(await resolutionChanges(client, counting.resolution)).toEqual([])
    expect(await resolutionChanges(client, whole.resolution)).toEqual(['the column public.orders.extra was added'])
  })

  it('takes a name with its schema as it is, whatever the search_path', async () => {
    const { resolution } = await resolveDefinition(client, 'select id from public.orders')
    await client.query('create table other.orders (like orders); set search_path = other, public')
    expect(await resolutionChanges(client, resolution)).toEqual([])
  })
})
