import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { SortTerm } from '../../src/query.ts'
import { fewOrMany } from '../support/long.ts'
import { type TargetName, ValueStand } from '../values/stand.ts'

/** More than an index gives from one place: 10,000. */
const count = Number(process.env.TRIFOLD_TEST_ROWS ?? fewOrMany(25_000, 200_000))
const limit = 10_000

/** Ties in every column but the key, and a third without a value. */
const tables = `
  create table t as
  select
    id::bigint as id,
    case when id % 3 > 0 then 'word ' || id % 101 end as words,
    case when id % 5 > 0 then (id % 1000 * 7919 % 1000) / 10.0 end::numeric(9,1) as amount
  from generate_series(1, ${count}) as id;
  alter table t add primary key (id)`

describe(`Pages to the end of ${count} rows`, { timeout: fewOrMany(60_000, 3_600_000) }, () => {
  let stand: ValueStand
  beforeAll(
    async () => {
      stand = await ValueStand.open(tables, 'select * from public.t', { key: ['id'] })
      await stand.rebuild('table', 'search')
    },
    fewOrMany(120_000, 3_600_000),
  )
  afterAll(() => stand?.close())

  it.each<[SortTerm[], string]>([
    [['-words missing first', 'amount'], 'words collate "C" desc nulls first, amount nulls last, id'],
    [['amount missing first'], 'amount nulls first, id'],
  ])('are those of SQL in the order of %j, whichever target continues them', async (sort, order) => {
    const { rows } = await stand.pool.query(`select id from t order by ${order}`)
    const targets: TargetName[] = ['search', 'search', 'table']
    const found: unknown[] = []
    for (let [page, cursor] = [0, undefined as string | undefined]; page === 0 || cursor !== undefined; page++) {
      const target = targets[page % targets.length] as TargetName
      const asked = { sort, limit, columns: ['id'], ...(cursor !== undefined && { cursor }) }
      const answer = await stand.find(target, asked as never)
      found.push(...answer.rows.map(({ id }: Row) => id))
      cursor = answer.cursor
    }
    expect(found.length).toBe(count)
    expect(found.findIndex((id, place) => id !== Number(rows[place].id))).toBe(-1)
  })
})
