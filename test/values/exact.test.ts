import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEqual, verify } from '../../src/operator/verify.ts'
import { describeWithSearch } from '../support/search.ts'
import { carried, createColumns } from './edges.ts'
import { type TargetName, type Texts, ValueStand } from './stand.ts'

const all: TargetName[] = ['table', 'view', 'search']

const valuesOf = (texts: Texts, place: number): unknown[] =>
  [...texts].map(([id, row]) => [id, row[`c${place}`]]).sort(([a], [b]) => Number(a) - Number(b))

describeWithSearch('Every target holds exactly', () => {
  const rows = Math.max(...carried.map(([, , values]) => values.length))
  const ids = Array.from({ length: rows }, (_, place) => place)
  const found = new Map<string, { defined: Texts; stored: Map<TargetName, Texts> }>()
  let stand: ValueStand

  const look = async (moment: string, targets: readonly TargetName[]) => {
    const stored = new Map<TargetName, Texts>()
    for (const target of targets) stored.set(target, await stand.stored(target))
    found.set(moment, { defined: await stand.defined(), stored })
  }

  const afterEvents = async (moment: string, event: (id: number) => object) => {
    for (const id of ids) await stand.write('update t set n = n + 1 where id = $1', [id], event(id))
    await stand.catchUp('table', 'search')
    await look(moment, ['table', 'search'])
  }

  beforeAll(async () => {
    stand = await ValueStand.open(createColumns(carried.map(([, type]) => type)))
    for (const id of ids) {
      const names = carried.map((_, place) => `c${place}`).join(', ')
      const values = carried.map(([, type], place) => `$${place + 2}::text::${type}`).join(', ')
      const texts = carried.map(([, , edges]) => edges[id] ?? null)
      await stand.write(`insert into t (id, ${names}) values ($1, ${values})`, [id, ...texts])
    }
    await stand.rebuild(...all)
    await look('a rebuild', all)
    await afterEvents('a fold', (id) => ({ type: 'Folded', aggregate: 't', payload: { key: [id], columns: { n: 1 } } }))
    await afterEvents('a patch', (id) => ({
      type: 'Patched',
      aggregate: 't',
      payload: { key: [id], columns: { n: 2 } },
    }))
    await afterEvents('a recompute', (id) => ({ type: 'Recomputed', aggregate: 't', payload: { key: [id] } }))
  })

  afterAll(() => stand?.close())

  describe.each(['a rebuild', 'a fold', 'a patch', 'a recompute'])('after %s', (moment) => {
    test.each(carried.map(([what, type], place) => ({ what, type, place })))('$what ($type)', ({ place }) => {
      const { defined, stored } = found.get(moment)!
      expect(valuesOf(defined, place).length).toBe(rows)
      for (const [target, texts] of stored) {
        expect({ [target]: valuesOf(texts, place) }).toEqual({ [target]: valuesOf(defined, place) })
      }
    })
  })

  test('and readers of every target get the same rows', async () => {
    const { rows: shown } = await stand.find('table', { sort: 'id' })
    for (const target of ['view', 'search'] as const) {
      const read = (await stand.find(target, { sort: 'id' })).rows
      expect(read.map((row) => ({ ...row, n: 0 }))).toEqual(shown.map((row) => ({ ...row, n: 0 })))
    }
  })
})

/** Values that no target takes, with the same words. */
const refused: [what: string, type: string, value: string, message: RegExp][] = [
  ['a bigint beyond 2^53', 'bigint', '9007199254740993', /that JavaScript holds exactly/],
  ['a number beyond 2^53 in jsonb', 'jsonb', '{"a": [9007199254740993]}', /a number that JavaScript holds exactly/],
  ['1e400 in jsonb', 'jsonb', '1e400', /a number that JavaScript holds exactly/],
  [
    'more digits than a double has in jsonb',
    'jsonb',
    '0.12345678901234567890',
    /a number that JavaScript holds exactly/,
  ],
  ['1e-400 in jsonb', 'jsonb', '1e-400', /a number that JavaScript holds exactly/],
  ['an array that begins at 0', 'text[]', '[0:1]={a,b}', /whose first index is 1/],
  ['an array of two dimensions', 'integer[]', '{{1,2},{3,4}}', /of one dimension/],
  ['NaN of a double', 'double precision', 'NaN', /a finite number/],
  ['an infinite real', 'real', '-Infinity', /a finite number/],
  ['NaN of a numeric', 'numeric(10,2)', 'NaN', /a finite number/],
  ['an infinite numeric', 'numeric', 'Infinity', /a decimal number/],
  ['a numeric of 2,000 digits', 'numeric', '1e2000', /at most 1000 digits/],
  ['NaN in an array', 'numeric[]', '{1,NaN}', /a decimal number/],
]

describeWithSearch('Every target refuses, with column and key,', () => {
  let stand: ValueStand | undefined

  afterEach(async () => {
    await stand?.close()
    stand = undefined
  })

  describe('what it cannot hold:', () => {
    let filled: ValueStand

    beforeAll(async () => {
      filled = await ValueStand.open(createColumns(refused.map(([, type]) => type)))
      await filled.write('insert into t values (1)', [])
      await filled.rebuild(...all)
    })
    afterEach(async () => {
      await filled.write('delete from t where id = 17', [], removed)
      await filled.catchUp('table', 'search')
    })
    afterAll(() => filled?.close())

    const removed = { type: 'Removed', aggregate: 't', payload: { key: [17] } }
    const recomputed = { type: 'Recomputed', aggregate: 't', payload: { key: [17] } }

    test.each(refused.map((one, place) => [...one, place] as const))('%s', async (_, type, value, reason, place) => {
      await filled.write(`insert into t (id, c${place}) values (17, $1::text::${type})`, [value])
      const named = new RegExp(`the column c${place} of the row with id 17 .*${reason.source}`)
      const error = { code: 'VALUE_INVALID', message: expect.stringMatching(named) }
      for (const target of all) await expect(filled.rebuild(target)).rejects.toMatchObject(error)
      const { materializer } = await filled.driver('view')
      const refresh = materializer.fedBy === 'schedule' ? materializer.refresh() : undefined
      await expect(refresh).rejects.toMatchObject({ message: expect.stringMatching(named) })
      await filled.write('update t set n = 1 where id = 17', [], recomputed)
      for (const target of ['table', 'search'] as const) {
        await expect(filled.catchUp(target)).rejects.toMatchObject(error)
      }
    })
  })

  test('a key of more than 2,500 bytes', async () => {
    stand = await ValueStand.open(`create table t (id text primary key, n integer);
      insert into t select string_agg(md5(i::text), ''), 1 from generate_series(1, 79) i`)
    for (const target of all)
      await expect(stand.rebuild(target)).rejects.toMatchObject({
        code: 'VALUE_INVALID',
        message: expect.stringMatching(/more than 2,500 bytes/),
      })
  })

  test('a value that is too long for a declared index', async () => {
    const tables = `create table t (id integer primary key, body text);
      insert into t select 17, string_agg(md5(i::text), '') from generate_series(1, 200) i union all select 18, 'short'`
    stand = await ValueStand.open(tables, 'select * from t', { indexes: [['body desc']] })
    for (const target of ['table', 'view'] as const) {
      await expect(stand.rebuild(target)).rejects.toMatchObject({
        code: 'VALUE_INVALID',
        message: expect.stringMatching(
          /the column body of the row with id 17 in m is too long for an index \(6400 bytes\)/,
        ),
      })
    }
    await stand.rebuild('search')
  })

  test('types that it cannot hold, all at once', async () => {
    stand = await ValueStand.open(
      'create table t (id integer primary key, price money, span interval, body xml, place point, extra json, address inet, days daterange, ok text)',
    )
    expect(stand.toolkit.broken.get('m@search')?.error).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: expect.stringMatching(
        /price money \(price::numeric\), span interval \(span::text\), body xml .*, place point .*, extra json \(extra::jsonb\), address inet .*, days daterange/,
      ),
    })
  })
})

describeWithSearch('A long key', () => {
  let stand: ValueStand | undefined

  afterEach(() => stand?.close())

  test('is one document, whichever its length', async () => {
    stand = await ValueStand.open(`create table t (id text primary key, n integer);
      insert into t select repeat(md5(i::text), 70), i from generate_series(1, 5) i`)
    await stand.rebuild(...all)
    for (const target of all)
      expect({ [target]: await stand.stored(target) }).toEqual({ [target]: await stand.defined() })
    const [id] = [...(await stand.defined()).keys()]
    await stand.write('delete from t where id = $1', [id], { type: 'Removed', aggregate: 't', payload: { key: [id] } })
    await stand.catchUp('table', 'search')
    for (const target of ['table', 'search'] as const)
      expect({ [target]: await stand.stored(target) }).toEqual({ [target]: await stand.defined() })
  })
})

describeWithSearch('Verify', () => {
  let stand: ValueStand | undefined

  afterEach(() => stand?.close())

  test.each([
    ['a zero behind the point', 'jsonb', '{"p": 10.10}', '{"p": 10.1}'],
    ['a JSON null', 'jsonb', 'null', null],
    ['zeros of a numeric', 'numeric', '10.10', '10.1'],
    ['the first index of an array', 'text[]', '{a,b}', '[0:1]={a,b}'],
    ['a minus', 'double precision', '-0', '0'],
    ['a value that no reader could be given', 'bigint', '1', '9007199254740993'],
  ])('sees %s in what is stored', async (_, type, value, stored) => {
    stand = await ValueStand.open(`create table t (id integer primary key, value ${type})`)
    await stand.write(`insert into t values (1, $1::text::${type})`, [value])
    await stand.rebuild(...all)
    expect((await verify(stand.toolkit, 'm')).map(isEqual)).toEqual([true, true, true])
    await stand.write(`update trifold.m__table_g1 set value = $1::text::${type}`, [stored])
    expect((await verify(stand.toolkit, 'm')).map(isEqual)).toEqual([false, true, true])
  })
})
