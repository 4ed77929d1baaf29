import { afterAll, beforeAll, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { describeSource } from '../../src/definition.ts'
import { ValueStand } from '../values/stand.ts'

const tables = `
  create table t (id bigint primary key, status text, total numeric(9,2));
  comment on column t.status is 'open or closed';
  comment on column t.total is 'of the table'`
const select = 'select id, status, total, total * 2 as twice from public.t'
const described = {
  key: ['id'],
  description: 'One row per order.',
  descriptions: { total: 'in euros', twice: 'doubled' },
}

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(tables, select, described as never)
})
afterAll(() => stand?.close())

async function commentsOf(name: string): Promise<object> {
  const { rows } = await stand.pool.query(
    `select attname as name, col_description(attrelid, attnum) as comment
    from pg_attribute
    where attrelid = $1::regclass and attnum > 0`,
    [name],
  )
  const view = await stand.pool.query(`select obj_description($1::regclass) as comment`, [name])
  return {
    view: view.rows[0].comment.split('\n')[0],
    ...Object.fromEntries(rows.map((row) => [row.name, row.comment])),
  }
}

it('the names say what rows and columns mean: by the configuration, else by the table, also after another build', async () => {
  const expected = {
    view: 'One row per order.',
    id: null,
    status: 'open or closed',
    total: 'in euros',
    twice: 'doubled',
  }
  for (let build = 0; build < 2; build++) {
    await stand.rebuild('table', 'view')
    for (const name of ['public.m', 'public.m__table', 'public.m__view'])
      expect(await commentsOf(name), name).toEqual(expected)
  }
})

it('a description of no column is refused', async () => {
  const client = await openClient(stand.database.url, { name: 'test' })
  try {
    const wrong = { key: ['id'], descriptions: { totl: 'in euros' } }
    await expect(describeSource(client, stand.definition, 'm', wrong as never)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'config: `descriptions` of m names totl, which is not a column; its columns are id, status, total, twice',
    })
  } finally {
    await client.end()
  }
})
