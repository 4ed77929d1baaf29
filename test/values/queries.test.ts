import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Column } from '../../src/definition.ts'
import { isOrdered, kindOf } from '../../src/query/columns.ts'
import { describeWithSearch } from '../support/search.ts'
import { carried, createColumns } from './edges.ts'
import { type TargetName, ValueStand } from './stand.ts'

/** Values that a double, a date of OpenSearch or a short keyword do not tell apart. */
const alike: [type: string, values: string[]][] = [
  ['numeric(20,0)', ['12345678901234567001', '12345678901234567002', '12345678901234567003', '-12345678901234567001']],
  ['numeric', ['0.1', '0.10', '0.1000000000000000000001', '1e300', '1.0000000000000001e300', '-1e-300', '0']],
  ['timestamptz', ['2024-01-01 00:00:00.000001+00', '2024-01-01 00:00:00.000002+00', '1969-12-31 23:59:59.999999+00']],
  ['text', ['x'.repeat(9_000), `${'x'.repeat(9_000)}y`, `a${'x'.repeat(40_000)}`, `b${'x'.repeat(40_000)}`]],
  ['double precision', ['-0', '0', '1e-320', '2e-320']],
]

const columns = [...carried.map(([, type, values]) => [type, values] as const), ...alike]
const rowCount = Math.max(...columns.map(([, values]) => values.length)) + 2

describeWithSearch('A table, a view and an index answer alike about', () => {
  let stand: ValueStand

  beforeAll(async () => {
    stand = await ValueStand.open(createColumns(columns.map(([type]) => type)))
    for (let id = 0; id < rowCount; id++) {
      const names = columns.map((_, place) => `c${place}`).join(', ')
      const values = columns.map(([type], place) => `$${place + 2}::text::${type}`).join(', ')
      // The last row repeats the first one, the one before has no values.
      const texts = columns.map(([, edges]) => edges[id === rowCount - 1 ? 0 : id] ?? null)
      await stand.write(`insert into t (id, ${names}) values ($1, ${values})`, [id, ...texts])
    }
    await stand.rebuild('table', 'view', 'search')
  })

  afterAll(() => stand?.close())

  const columnOf = (place: number): Column => stand.definition.columns.find(({ name }) => name === `c${place}`)!

  const pages = async (target: TargetName, sort: string): Promise<unknown[]> => {
    const ids: unknown[] = []
    let cursor: string | undefined
    do {
      const found = await stand.find(target, { sort, limit: 2, ...(cursor && { cursor }) })
      ids.push(...found.rows.map(({ id }) => id))
      cursor = found.cursor
    } while (cursor && ids.length <= rowCount)
    return ids
  }

  const ids = async (target: TargetName, where: object) =>
    (await stand.find(target, { where, sort: 'id' })).rows.map(({ id }) => id)

  describe.each(columns.map(([type, values], place) => ({ type, values, place })))('$type (c$place)', ({ place }) => {
    const name = `c${place}`

    test('in order, page by page', async () => {
      if (!isOrdered(columnOf(place))) {
        await expect(stand.find('search', { sort: name })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
        return
      }
      for (const sort of [name, `-${name}`]) {
        const expected = await pages('table', sort)
        expect(expected.length).toBe(rowCount)
        expect(await pages('view', sort)).toEqual(expected)
        expect(await pages('search', sort)).toEqual(expected)
      }
    })

    test('by conditions', async () => {
      const kind = kindOf(columnOf(place))
      if (kind === 'json') return
      const { rows } = await stand.find('table', { sort: 'id' })
      const values = rows.map((row) => row[name]).filter((value) => value !== null)
      const conditions =
        kind === 'array'
          ? (values.flat() as unknown[]).filter((item) => item !== null).map((item) => ({ has: item }))
          : values.flatMap((value) => [{ eq: value }, { ne: value }, { in: [value] }, ...ranges(kind, value)])
      const existing = [{ exists: true }, { exists: false }, ...(kind === 'array' ? [] : [{ eq: null }, { ne: null }])]
      for (const condition of [...conditions, ...existing]) {
        const expected = await ids('table', { [name]: condition })
        expect(await ids('view', { [name]: condition })).toEqual(expected)
        const found = await ids('search', { [name]: condition }).catch((error) => error.code)
        // An index has no order for texts that are cut in it.
        if (found !== 'QUERY_UNSUPPORTED') expect({ condition, found }).toEqual({ condition, found: expected })
        else expect(Buffer.byteLength(JSON.stringify(condition))).toBeGreaterThan(32_000)
      }
    })

    test('in groups', async () => {
      if (kindOf(columnOf(place)) === 'json') return
      const groups = async (target: TargetName) =>
        (await stand.toolkit.target(`m@${target}`).summarize({ group: name } as never)).groups
      const expected = await groups('table')
      expect(await groups('view')).toEqual(expected)
      expect(await groups('search')).toEqual(expected)
    })
  })
})

const ranges = (kind: string, value: unknown): object[] =>
  kind === 'boolean' ? [] : [{ gt: value }, { gte: value }, { lt: value }, { lte: value }]

describeWithSearch('An index refuses', () => {
  let stand: ValueStand

  beforeAll(async () => {
    stand = await ValueStand.open(
      `create table t (id integer primary key, body text, amount numeric);
      insert into t select i, repeat('x', 40000) || i, i from generate_series(1, 8) i;
      insert into t values (9, null, 1e400)`,
    )
    await stand.rebuild('table', 'search')
  })

  afterAll(() => stand?.close())

  test('the order of long texts that begin alike, unless it happens to be theirs', async () => {
    const order = async (sort: string) => (await stand.find('search', { sort, limit: 3 })).rows.map(({ id }) => id)
    const outcomes = await Promise.all(['body', '-body'].map((sort) => order(sort).catch((error) => error.code)))
    expect(outcomes).toContain('QUERY_UNSUPPORTED')
    expect((await stand.find('search', { where: { body: `${'x'.repeat(40_000)}3` } })).rows).toMatchObject([{ id: 3 }])
    const { groups } = await stand.toolkit.target('m@search').summarize({ group: 'body' } as never)
    expect(groups.filter(({ group }) => group !== null).map(({ group }) => String(group).length)).toEqual(
      Array(8).fill(40_001),
    )
  })

  test('a sum of numbers that a double does not hold', async () => {
    const sum = (where: object) => stand.toolkit.target('m@search').summarize({ sum: 'amount', where } as never)
    await expect(sum({})).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
    expect(await sum({ id: { lt: 9 } })).toMatchObject({ groups: [{ sum: '36' }] })
  })
})

describeWithSearch('A key of many digits', () => {
  let stand: ValueStand

  beforeAll(async () => {
    stand = await ValueStand.open(
      `create table t (id numeric(20, 0) primary key, at timestamptz);
      insert into t select 12345678901234567000 + i, '1969-12-31'::timestamptz from generate_series(1, 6) i`,
    )
    await stand.rebuild('table', 'search')
  })

  afterAll(() => stand?.close())

  test.each(['table', 'search'] as const)('is paged, found and removed exactly in a %s', async (target) => {
    const pages: unknown[] = []
    let cursor: string | undefined
    do {
      const found = await stand.find(target, { limit: 2, ...(cursor && { cursor }) })
      pages.push(...found.rows.map(({ id }) => String(id).slice(-3)))
      cursor = found.cursor
    } while (cursor)
    expect(pages).toEqual(['001', '002', '003', '004', '005', '006'])
    expect((await stand.find(target, { where: { id: '12345678901234567003' } })).rows).toHaveLength(1)
    expect((await stand.find(target, { where: { at: { lt: '1970-01-01T00:00:00Z' } } })).rows).toHaveLength(6)
  })
})
