import { afterEach, expect, it } from 'vitest'
import type { SearchTarget } from '../../../src/read-model.ts'
import { describeWithSearch } from '../../support/search.ts'
import { ValueStand } from '../../values/stand.ts'

const tables = "create table t (id bigint primary key, part text); insert into t values (1, 'AB-12'), (2, 'AB-13')"

describeWithSearch("An index with parts of the configuration's own", () => {
  let stand: ValueStand | undefined
  afterEach(() => stand?.close())
  const open = async (search: SearchTarget) => {
    stand = await ValueStand.open(tables, 'select * from public.t', { targets: { table: {}, search } })
    return stand
  }
  const whole = { analyzer: { whole: { type: 'custom', tokenizer: 'keyword', filter: ['lowercase'] } } } as const

  it('is built and searched with them', async () => {
    const own = await open({ text: [{ column: 'part', analyzer: 'whole' }], analysis: whole })
    await own.rebuild('search')
    const parts = async (query: string) =>
      (await own.find('search', { text: { query, prefix: false, typos: false } })).rows.map(({ part }) => part)
    expect(await parts('ab-12')).toEqual(['AB-12'])
    expect(await parts('12')).toEqual([])
  })

  it.each<[SearchTarget, RegExp]>([
    [
      { text: [{ column: 'part', analyzer: 'none' }] },
      /OpenSearch refuses the index of m: .*none.*; correct `analysis`/,
    ],
    [{ analysis: { analyzer: { odd: { tokenizer: 'none' } } } }, /OpenSearch refuses the index of m: .*odd/],
    [{ fields: { part: { odd: { type: 'none' } } } }, /OpenSearch refuses the index of m: .*none/],
    [{ text: ['id'] }, /`text` names "id", which holds no text; name one of part/],
  ])('refuses %j before it builds anything', async (search, message) => {
    const own = await open(search)
    await expect(own.rebuild('search')).rejects.toThrow(message)
  })
})
