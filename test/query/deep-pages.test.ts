import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { SortTerm } from '../../src/query.ts'
import { fewOrMany } from '../support/long.ts'
import { type TargetName, ValueStand } from '../values/stand.ts'

/** More than an index gives from one place: 10,000. */
const asked = process.env.TRIFOLD_TEST_ROWS
const count = Number(asked ?? fewOrMany(25_000, 200_000))
const patience = asked ? 3_600_000 : fewOrMany(60_000, 3_600_000)
const limit = 10_000

/** Ties in every column but the key, and a third without a value. */
const tables = `
  create table t as
  select
    id::bigint as id,
    case when id % 3 > 0 then case when id % 2 = 0 then 'word ' else 'Word ' end || id % 101 end as words,
    case when id % 5 > 0 then (id % 1000 * 7919 % 1000) / 10.0 end::numeric(9,1) as amount
  from generate_series(1, ${count}) as id;
  alter table t add primary key (id)`

describe(`Pages to the end of ${count} rows`, { timeout: patience }, () => {
  let stand: ValueStand
  beforeAll(async () => {
    stand = await ValueStand.open(tables, 'select * from public.t', { key: ['id'] })
    await stand.rebuild('table', 'search')
  }, 2 * patience)
  afterAll(() => stand?.close())

  it.each<[SortTerm[], string]>([
    [['-words missing first', 'amount'], 'words collate "C" desc nulls first, amount nulls last, id'],
    [['amount missing first'], 'amount nulls first, id'],
    [['-words ignoring case missing first'], 'lower(words) collate "C" desc nulls first, id desc'],
  ])('are those of SQL in the order of %j, whichever target continues them', async (sort, order) => {
    const { rows } = await stand.pool.query(`select id from t order by ${order}`)
    const targets: TargetName[] = ['search', 'search', 'table']
    const found: unknown[] = []
    for (let [page, cursor] = [0, undefined as string | undefined]; page === 0 || cursor !== undefined; page++) {
      const target = targets[page % targets.length] as TargetName
      const request = { sort, limit, columns: ['id'], deadline: '10m', ...(cursor !== undefined && { cursor }) }
      const answer = await stand.find(target, request as never)
      found.push(...answer.rows.map(({ id }: Row) => id))
      cursor = answer.cursor
    }
    expect(found.length).toBe(count)
    expect(found.findIndex((id, place) => id !== Number(rows[place].id))).toBe(-1)
  })
})
