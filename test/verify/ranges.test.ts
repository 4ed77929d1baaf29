import { afterEach, describe, expect, it } from 'vitest'
import { inTransaction, openClient } from '../../src/database.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { compareFed } from '../../src/verify/compare-fed.ts'
import { wantedSource } from '../../src/verify/wanted.ts'
import { ValueStand, valueEvents } from '../values/stand.ts'

const tables = `
  create table t (id integer primary key, name text not null);
  insert into t
  select id, 'name ' || id
  from generate_series(1, 5000) as id;
  analyze t`
const overAll = 'select id, name, count(*) over () as rows from public.t'

let stand: ValueStand
afterEach(() => stand.close())

describe.each([
  ['a definition that is read by ranges of its key', undefined, undefined],
  ['a definition whose rows depend on all rows', overAll, 'pg_temp.trifold_definition'],
])('%s', (_, select, copy) => {
  it('is read at the cost of about one pass', async () => {
    stand = await ValueStand.open(tables, select)
    const client = await openClient(stand.database.url, { name: 'test' })
    try {
      const source = await inTransaction(client, () => wantedSource(client, stand.definition, 4, { id: 2_000 }))
      expect(source.relation).toBe(copy)
    } finally {
      await client.end()
    }
  })

  it('is compared wholly, whatever differs at the ends of its ranges', async () => {
    stand = await ValueStand.open(tables, select)
    await stand.rebuild('table', 'search')
    const extent = { limit: 500 }
    const compare = (target: string) =>
      compareFed(eventFed(stand.toolkit.target(`m@${target}`)), valueEvents, 5_000, extent)
    for (const target of ['table', 'search']) {
      const { findings } = await compare(target)
      expect({ rows: findings.rows, keys: findings.keys.size, upTo: findings.upTo }).toEqual({ rows: 5_000, keys: 0 })
    }
    await stand.database.pool.query(
      `
      delete from trifold.m__table_g1 where id in (1, 500, 501, 5000);
      update trifold.m__table_g1 set name = '' where id in (499, 502, 1005);
      insert into trifold.m__table_g1 select id + 10000, name from trifold.m__table_g1 where id = 7`.replace(
        'select id + 10000, name',
        select ? 'select id + 10000, name, rows' : 'select id + 10000, name',
      ),
    )
    const { findings } = await compare('table')
    expect([...findings.keys.keys()].map(Number).sort((a, b) => a - b)).toEqual([
      1, 499, 500, 501, 502, 1005, 5000, 10007,
    ])
  })
})
