import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../cli/project.ts'

let project: Project

/** `label` reads the name of `item`, and comes before it in the configuration. */
const config = (databaseUrl: string): string => `
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
  const on = { ItemAdded: (event) => ({ kind: 'recompute', keys: [[event.id]] }) }
  export default {
    database: ${JSON.stringify(databaseUrl)},
    events: { ItemAdded: anything },
    readModels: {
      label: { key: ['id'], targets: { table: {}, view: {} }, on },
      item: { key: ['id'], targets: { table: {}, view: {} }, on },
    },
  }`

const query = async (text: string) => (await project.database.pool.query(text)).rows
const rebuild = async (...args: string[]) => {
  const { code, out, err } = await project.cli('rebuild', ...args)
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
  return [...out.matchAll(/^(\S+@\S+): /gm)].map((match) => match[1])
}

beforeEach(async () => {
  project = await createProject()
  await project.addItem(1, 'one')
  await project.configure(config(project.database.url))
  await project.write('views/label_v01.sql', 'select id, upper(name) as label from named')
  await query('create role trifold_dependents_reader').catch(() => {})
})
afterEach(async () => {
  await query('drop owned by trifold_dependents_reader; drop role trifold_dependents_reader')
  await project?.close()
})

const inOrder = ['item@table', 'item@view', 'label@table', 'label@view']

describe('a read model whose definition reads the name of another', () => {
  beforeEach(() => project.write('views/label_v01.sql', 'select id, upper(name) as label from public.item'))

  it('is built after it, from nothing and again', async () => {
    expect(await rebuild('--outdated')).toEqual(inOrder)
    expect(await rebuild('--all', '--dry-run')).toEqual(inOrder)
    expect(await rebuild('label', 'item', '--dry-run')).toEqual(inOrder)
    expect(await rebuild('--all')).toEqual(inOrder)
    expect(await query('select * from label')).toEqual([{ id: 1, label: 'ONE' }])
  })

  it('stays as it is after a rebuild and a switch of the other, and shows what that shows', async () => {
    await rebuild('--outdated')
    await rebuild('item')
    expect(await project.cli('switch', 'item', '--to', 'view')).toMatchObject({ code: 0 })
    await query(`insert into items values (2, 'two')`)
    expect(await project.cli('refresh', 'item@view')).toMatchObject({ code: 0 })
    expect(await project.cli('refresh', 'label@view')).toMatchObject({ code: 0 })
    expect(await query('select label from label__view order by id')).toEqual([{ label: 'ONE' }, { label: 'TWO' }])
    expect((await project.cli('rebuild', '--outdated')).out).toContain('every target is up to date')
    expect(await query(`select relname from pg_class where relname like 'item\\_\\_table\\_g1'`)).toEqual([])
  })

  it('has to be rebuilt if a column that it reads has another type', async () => {
    await rebuild('--outdated')
    await project.cli('target', 'remove', 'label@view', '--yes') // a view keeps the name of `item` as it is
    await project.write('views/item_v02.sql', 'select id::bigint as id, name from public.items')
    await rebuild('item')
    expect((await project.cli('status')).out).toMatch(
      /label@table: .*\(id integer not null → bigint not null\); run `trifold rebuild label@table`/,
    )
  })
})

it('of which the name is reached through a view of the application comes after it, too', async () => {
  await rebuild('item')
  await query('create view named as select * from item')
  expect(await rebuild('--all')).toEqual(inOrder)
})

it('keeps grants, comments and dependents of its names in a rebuild, a new version, and a switch', async () => {
  await project.write('views/label_v01.sql', 'select id, name as label from public.items')
  await rebuild('--outdated')
  await query(`
    create view report as select name from item;
    grant select on item, item__table to trifold_dependents_reader;
    comment on view item is 'All items.';
    comment on column item.name is 'Its name.'`)
  const kept = async () =>
    (
      await query(`
        select
          obj_description('item'::regclass) as item,
          col_description('item'::regclass, 2) as name,
          has_table_privilege('trifold_dependents_reader', 'item', 'select') as reads_item,
          has_table_privilege('trifold_dependents_reader', 'item__table', 'select') as reads_table,
          (select count(*)::integer from report) as reported`)
    )[0]
  const expected = (shown: string) => ({
    item: expect.stringMatching(new RegExp(`^All items\\.\ntrifold: facade of item__${shown}$`)),
    name: 'Its name.',
    reads_item: true,
    reads_table: true,
    reported: 1,
  })
  expect((await project.cli('status')).out).toContain('item@table')
  await rebuild('item')
  expect(await kept()).toEqual(expected('table_g2'))
  await project.write('views/item_v02.sql', 'select 7 as more, id, name from public.items')
  await rebuild('item')
  expect(await kept()).toEqual(expected('table_g3'))
  await query(`comment on view item is 'All items.'`)
  expect(await project.cli('switch', 'item', '--to', 'view')).toMatchObject({ code: 0 })
  expect(await kept()).toEqual(expected('view_g3'))
})
