import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verify } from '../../src/operator/verify.ts'
import { servingGeneration } from '../../src/schema/generations.ts'
import { describeWithSearch } from '../support/search.ts'
import { ValueStand } from '../values/stand.ts'

const tables = `
  create table t (id integer primary key, name text not null, note text, price numeric not null);
  insert into t
  select id, 'name ' || id, 'note ' || id, 10.10
  from generate_series(1, 40) as id`

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(tables)
  await stand.rebuild('table', 'view', 'search')
})
afterAll(() => stand.close())

/** What is wrong with the row 7, and how verify has to call it. */
const wrongs = [
  { what: 'a changed column', set: { name: 'another' }, found: different('name', 'name 7', 'another') },
  { what: 'a stale value', set: { note: 'note 6' }, found: different('note', 'note 7', 'note 6') },
  { what: 'a NULL', set: { note: null }, found: different('note', 'note 7', null) },
  { what: 'a trailing space', set: { name: 'name 7 ' }, found: different('name', 'name 7', 'name 7 ') },
  { what: "a number's scale", set: { price: '10.1' }, found: different('price', '10.10', '10.1') },
  { what: 'a missing row', set: 'gone', found: { key: '7', kind: 'missing', columns: [] } },
  { what: 'an extra row', set: 'again', found: { key: '77', kind: 'surplus', columns: [] } },
] as const

function different(column: string, definition: string, target: string | null) {
  return { key: '7', kind: 'different', columns: [{ column, definition, target }] }
}

type Wrong = (typeof wrongs)[number]['set']

const finds = async (target: string, found: object) => {
  const [first] = await verify(stand.toolkit, `m@${target}`)
  expect(first).toMatchObject({ rows: 40, differences: [found] })
  const [repairing] = await verify(stand.toolkit, `m@${target}`, { repair: true })
  expect(repairing).toMatchObject({ differences: [found], repaired: 1 })
  const [after] = await verify(stand.toolkit, `m@${target}`)
  expect(after).toMatchObject({ rows: 40, differences: [], share: 1 })
}

describe('verify of a table', () => {
  it.each(wrongs)('finds $what, and repairs it', async ({ set, found }) => {
    await stand.database.pool.query(...inTable(set))
    await finds('table', found)
  })
})

function inTable(set: Wrong): [string, (string | null)[]] {
  const table = 'trifold.m__table_g1'
  if (set === 'gone') return [`delete from ${table} where id = 7`, []]
  if (set === 'again') return [`insert into ${table} select 77, name, note, price from ${table} where id = 7`, []]
  const [[column, value]] = Object.entries(set) as [[string, string | null]]
  return [`update ${table} set ${column} = $1 where id = 7`, [value]]
}

describeWithSearch('verify of an index', () => {
  it.each(wrongs)('finds $what, and repairs it', async ({ set, found }) => {
    await inIndex(set)
    await finds('search', found)
  })
})

describeWithSearch('verify of an index', () => {
  it('finds a second document of a row, which no repair takes away', async () => {
    const { client } = stand.search
    const index = (await servingGeneration(stand.pool, 'm@search'))?.storage as string
    const { body } = await client.get({ index, id: '7' })
    await client.index({ index, id: 'another', body: body._source as never })
    const found = {
      surplus: 1,
      examples: ['7'],
      differences: [{ key: '7', kind: 'surplus', columns: [] }],
      repaired: 0,
    }
    for (const options of [{ repair: true }, { sample: 0.99 }])
      expect(await verify(stand.toolkit, 'm@search', options)).toMatchObject([found])
    const { rows } = await stand.pool.query('select differences from trifold.verifications order by id desc limit 1')
    expect(rows).toEqual([{ differences: '1' }])
    await client.delete({ index, id: 'another' })
    expect(await verify(stand.toolkit, 'm@search')).toMatchObject([{ surplus: 0, differences: [] }])
  })
})

async function inIndex(set: Wrong): Promise<void> {
  const { client } = stand.search
  const index = (await servingGeneration(stand.pool, 'm@search'))?.storage as string
  if (set === 'gone') {
    await client.delete({ index, id: '7' })
  } else if (set === 'again') {
    const { body } = await client.get({ index, id: '7' })
    await client.index({ index, id: '77', body: { ...body._source, id: 77 } })
  } else {
    await client.update({ index, id: '7', body: { doc: set } })
  }
}

describe('verify of a view', () => {
  it.each(wrongs)('finds $what, and builds it again', async ({ set, found }) => {
    const view = `trifold.${(await servingGeneration(stand.pool, 'm@view'))?.storage}`
    await stand.database.pool.query(`drop materialized view ${view} cascade`)
    await stand.database.pool.query(`create materialized view ${view} as ${inView(set)}`)
    await finds('view', found)
  })
})

function inView(set: Wrong): string {
  if (set === 'gone') return 'select * from public.t where id <> 7'
  if (set === 'again') return 'select * from public.t union all select 77, name, note, price from public.t where id = 7'
  const [[column, value]] = Object.entries(set) as [[string, string | null]]
  const columns = ['name', 'note', 'price'].map((name) => {
    const wrong = value === null ? 'null' : `'${value}'${name === 'price' ? '::numeric' : ''}`
    return name === column ? `case when id = 7 then ${wrong} else ${name} end as ${name}` : name
  })
  return `select id, ${columns.join(', ')} from public.t`
}
