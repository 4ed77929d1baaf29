import { afterEach, expect, test } from 'vitest'
import { someOrAll } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { type TargetName, ValueStand } from './stand.ts'

/** Type and stored keys; how a handler spells the first one, and how the application writes it again later. */
const keys: [type: string, stored: string[], spelled: unknown, rewritten: string][] = [
  ['numeric', ['1.0', '2.50', '-0'], '1.000', '1.00'],
  ['numeric(10,2)', ['1.0', '2.50'], '1', '1.00'],
  ['double precision', ['0', '1e300', '1.5'], -0, '-0'],
  ['real', ['0.1', '3.4e38'], 0.1, '0.1'],
  ['timestamptz', ['2026-01-01 00:00:00+01', 'infinity'], '2025-12-31T23:00:00Z', '2025-12-31 23:00:00+00'],
  ['timestamp', ['2026-01-01 00:00:00.1', '0044-03-15 BC'], '2026-01-01 00:00:00.100', '2026-01-01 00:00:00.1'],
  ['char(5)', ['ab', 'cd'], 'ab   ', 'ab'],
  ['varchar(5)', ['ab ', 'ab'], 'ab ', 'ab '],
  ['text', ['é', 'e\u0301', ' ', 'A', 'a', '"', '\\', ',', '[1]', '_id', '..', '😀'], 'é', 'é'],
  ['text', ['', 'trifold:state', 'trifold:key:', 'trifold:key:trifold:state'], '', ''],
  ['boolean', ['t', 'f'], true, 't'],
  [
    'uuid',
    ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'],
    'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  ],
  ['bytea', ['\\x00ff', '\\x'], '\\x00FF', '\\x00ff'],
  ['date', ['2026-01-01', '9999-12-31'], '2026-01-01', '2026-01-01'],
  ['time', ['12:00', '24:00'], '12:00:00', '12:00:00'],
  ['bigint', ['9007199254740991', '-9007199254740991'], '9007199254740991', '9007199254740991'],
  ['smallint', ['-32768'], -32768, '-32768'],
]

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)

const fed: TargetName[] = ['table', 'search']

describeWithSearch('A key', () => {
  let stand: ValueStand

  afterEach(() => stand?.close())

  const expectDefined = async (moment: string, targets: readonly TargetName[]) => {
    const defined = [...(await stand.defined())].sort()
    for (const target of targets)
      expect({ moment, target, rows: [...(await stand.stored(target))].sort() }).toEqual({
        moment,
        target,
        rows: defined,
      })
  }
  const afterEvent = async (statement: string, values: unknown[], type: string, payload: object) => {
    await stand.write(statement, values, { type, aggregate: 't', payload })
    await stand.catchUp(...fed)
  }
  /** How many rows there are in pages of one. */
  const countInPages = async (target: TargetName): Promise<number> => {
    let [count, cursor]: [number, string | undefined] = [0, undefined]
    do {
      const page = await stand.find(target, { limit: 1, ...(cursor && { cursor }) })
      count += page.rows.length
      cursor = page.cursor
    } while (cursor)
    return count
  }

  test.each(someOrAll(keys, seed))(
    'of the type %s is the same in every target, however it is written: %j',
    async (...given) => {
      const [type, stored, spelled, rewritten] = given
      const [first, key] = [`id = $1::text::${type}`, [spelled]]
      stand = await ValueStand.open(`create table t (id ${type} primary key, n integer not null)`)
      for (const value of stored) await stand.write(`insert into t values ($1::text::${type}, 1)`, [value])
      await stand.rebuild('table', 'view', 'search')
      await expectDefined('a rebuild', ['table', 'view', 'search'])
      await afterEvent(`update t set n = 2 where ${first}`, [stored[0]], 'Patched', { key, columns: { n: 2 } })
      await expectDefined('a patch', fed)
      await afterEvent(`update t set n = 3 where ${first}`, [stored[0]], 'Folded', { key, columns: { n: 3 } })
      await expectDefined('a fold', fed)
      const rewrite = `update t set id = $2::text::${type}, n = 4 where ${first}`
      await afterEvent(rewrite, [stored[0], rewritten], 'Recomputed', { key })
      await expectDefined('a recompute', fed)
      for (const target of fed) {
        const found = await stand.find(target, { where: { id: spelled } })
        expect({ target, n: found.rows.map((row) => row.n) }).toEqual({ target, n: [4] })
        expect({ target, count: await countInPages(target) }).toEqual({ target, count: stored.length })
      }
      await afterEvent(`delete from t where ${first}`, [stored[0]], 'Removed', { key })
      await expectDefined('a removal', fed)
    },
  )
})
