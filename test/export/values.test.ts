import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { openExport } from '../../src/export.ts'
import { ValueStand } from '../values/stand.ts'
import { cellsOf, exportText } from './rows.ts'

const texts = [
  'plain',
  '',
  null,
  ' blanks ',
  'comma, and "quotes"',
  'two\nlines',
  'and\r\nthree',
  '=1+1',
  '+1',
  '-1',
  '@sum',
  '\tTab',
  '\rReturn',
  "'=1",
  '\\.',
  '\\N',
  'back\\slash',
  'null',
  'ünïcödé 🎈 \u202e\u200b',
  '\u{10FFFF}',
]

const tables = `
  create type mood as enum ('=good', 'bad');
  create table t (
    id bigint primary key,
    words text,
    amount numeric(12,2),
    any_number numeric,
    ratio double precision,
    single real,
    at timestamptz,
    local timestamp,
    day date,
    clock time,
    yes boolean,
    bytes bytea,
    tag uuid,
    mood mood,
    facts jsonb,
    numbers integer[],
    labels text[]
  )`

const insert = `
  insert into t
  select
    n,
    $1::text,
    (n * 1.10)::numeric(12,2),
    '12345678901234567890.1234567890'::numeric,
    ('{1e-7,1e15,-0,0.1,123456789.125,1e300,5e-324,1e14,99999999999999990000}'::float8[])[1 + n % 9],
    ('{1e-5,1e6,1e20,0.1,3.4e38,1234567,-0}'::real[])[1 + n % 7],
    ('{2026-01-02 03:04:05.6+00,2026-01-02 03:04:05+00,infinity,-infinity,0044-03-15 12:00:00.5+00 BC,1970-01-01 00:00:00.000001+00}'::timestamptz[])[1 + n % 6],
    ('{2026-01-02 03:04:05.6,0044-03-15 12:00:00 BC}'::timestamp[])[1 + n % 2],
    ('{2026-01-02,infinity,0044-03-15 BC,12026-01-02}'::date[])[1 + n % 4],
    ('{03:04:05.5,24:00:00,00:00:00.000001}'::time[])[1 + n % 3],
    n % 2 = 0,
    decode('00ff', 'hex'),
    '00000000-0000-0000-0000-00000000000a'::uuid,
    ('{=good,bad}'::mood[])[1 + n % 2],
    jsonb_build_object('b', n, 'text', $1::text, 'a', '[1.50, null, "\\n"]'::jsonb),
    array[1, null, n],
    array['a,b', 'say "hi"', '', 'null', null, $1::text]
  from (select $2::integer as n) as row`

let stand: ValueStand
beforeAll(async () => {
  const targets = { table: {}, view: { every: '1h' }, search: { text: ['words'] } } as const
  stand = await ValueStand.open(tables, 'select * from public.t', { key: ['id'], targets })
  for (const [place, text] of texts.entries()) await stand.write(insert, [text, place + 1])
  await stand.rebuild('table', 'view', 'search')
})
afterAll(() => stand.close())

const targets = ['table', 'view', 'search'] as const

/** The definition as PostgreSQL writes it, by key. */
async function definedTexts(): Promise<Map<string, (string | undefined)[]>> {
  const rows = await stand.defined()
  return new Map([...rows].map(([key, row]) => [key, Object.values(row).map((value) => value ?? undefined)]))
}

describe('an export of an index as it finds rows', () => {
  it.each(['-id', ['words ignoring case missing first', 'id']] as never[])(
    'in the order of %j is that of a table',
    async (sort) => {
      for (const options of [{ raw: true }, { format: 'ndjson' }] as const) {
        const { text, exported } = await exportText(stand.toolkit, 'm@search', { sort }, options)
        expect(text).toBe((await exportText(stand.toolkit, 'm@table', { sort }, options)).text)
        expect(exported).toMatchObject({ target: 'm@search', rows: texts.length, isComplete: true })
      }
    },
  )

  it('has the rows that words find, and an age', async () => {
    const request = { text: 'quotes comma', columns: ['id', 'words'] } as never
    const { text, exported } = await exportText(stand.toolkit, 'm@search', request, { raw: true })
    expect(cellsOf(text)).toEqual([
      ['id', 'words'],
      ['5', 'comma, and "quotes"'],
    ])
    expect(Number.isNaN(Date.parse(exported.asOf))).toBe(false)
    expect(exported.snapshot).toMatch(/^\d+:\d+:/)
  })

  it('keeps to a restriction', async () => {
    const options = { raw: true, restriction: { columns: ['id'], where: { id: { lte: 3 } } } }
    const { text } = await exportText(stand.toolkit, 'm@search', { sort: '-id' } as never, options as never)
    expect(text.split('\r\n')).toEqual(['id', '3', '2', '1', ''])
  })
})

/** An index gives its rows in no order. */
const sorted = (target: string, sort: string) => (target === 'search' ? {} : { sort })
const byId = <R>(rows: R[], idOf: (row: R) => unknown, target: string): R[] =>
  target === 'search' ? rows.toSorted((a, b) => Number(idOf(a)) - Number(idOf(b))) : rows

describe.each(targets)('an export of the %s', (target) => {
  it('as raw CSV has every value as PostgreSQL writes it, and tells null from an empty text', async () => {
    const { text, exported } = await exportText(stand.toolkit, `m@${target}`, {}, { raw: true })
    const [header, ...rows] = cellsOf(text)
    const defined = await definedTexts()
    // `copy` writes t for true, and the cast to text true.
    const copied = (cells: (string | undefined)[] = []) =>
      cells.map((one) => ({ true: 't', false: 'f' })[one ?? ''] ?? one)
    expect(header).toEqual(stand.definition.columns.map(({ name }) => name))
    expect(rows).toHaveLength(texts.length)
    for (const row of rows) expect(row).toEqual(copied(defined.get(row[0] as string)))
    expect(exported).toMatchObject({ target: `m@${target}`, rows: texts.length, isComplete: true })
    expect(text).toContain('\r\n2,"",')
    expect(text).toContain('\r\n3,,')
  })

  it('as CSV puts an apostrophe before texts that look like formulas, and before nothing else', async () => {
    const asked = { columns: ['id', 'words', 'amount', 'mood', 'numbers'], ...sorted(target, 'id') } as never
    const raw = cellsOf((await exportText(stand.toolkit, `m@${target}`, asked, { raw: true })).text)
    const safe = cellsOf((await exportText(stand.toolkit, `m@${target}`, asked)).text)
    const guarded = (cell: string | undefined) => (cell && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)
    expect(safe).toEqual(
      raw.map(([id, words, amount, mood, numbers]) => [id, guarded(words), amount, guarded(mood), numbers]),
    )
    expect(safe.filter(([, words]) => words?.startsWith("'="))).toHaveLength(2)
  })

  it('as NDJSON has the values that `find` gives', async () => {
    const { text } = await exportText(stand.toolkit, `m@${target}`, sorted(target, 'id'), { format: 'ndjson' })
    const found = await stand.find(target, { sort: 'id', limit: 1_000 })
    expect(text.endsWith('\n')).toBe(true)
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    expect(byId(rows, ({ id }) => id, target)).toEqual(found.rows)
    expect(Object.keys(rows[0] as Row)).toEqual(stand.definition.columns.map(({ name }) => name))
  })

  it('has the chosen columns in their order, and the rows that `where` finds', async () => {
    const where = { or: [{ words: '=1+1' }, { words: "'=1" }, { words: { prefix: '\\' } }, { id: { in: [1, 2] } }] }
    const asked = { where, columns: ['words', 'id'], ...sorted(target, '-id') } as never
    const { text } = await exportText(stand.toolkit, `m@${target}`, asked, { raw: true })
    const lines = ['words,id', '\\N,16', '\\.,15', "'=1,14", '=1+1,8', '"",2', 'plain,1', '']
    const inOrder = (text: string) => (target === 'search' ? text.split('\r\n').toSorted() : text.split('\r\n'))
    expect(inOrder(text)).toEqual(target === 'search' ? lines.toSorted() : lines)
  })
})

it('the three targets give the same bytes', async () => {
  const lines = async (target: string) =>
    (await exportText(stand.toolkit, `m@${target}`)).text.split(/\r\n(?=\d)/).toSorted()
  const table = await lines('table')
  expect(await lines('view')).toEqual(table)
  expect(await lines('search')).toEqual(table)
})

describe('what does not fit is refused', () => {
  it.each([
    [{ columns: ['id', 'id'] }, '`columns` names id twice'],
    [{ columns: ['wrods'] }, 'm has no column wrods; did you mean `words`?'],
    [{ columns: [] }, '`columns` takes a list of columns, not an empty one'],
    [{ columns: 'id' }, '`columns` takes a list of columns, not "id"'],
    [{ colums: ['id'] }, 'did you mean `columns`?'],
    [{ limit: 3 }, 'an export takes no `limit`'],
    [{ sort: 'facts' }, '`sort` cannot use facts (jsonb)'],
    [{ where: undefined }, '`where` is undefined'],
    [{ where: { words: { like: 'a' } } }, 'like'],
  ])('%j', async (request, message) => {
    await expect(exportText(stand.toolkit, 'm@table', request as never)).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    [{ format: 'xml' }, '`format` is "xml"; it takes csv, ndjson'],
    [{ format: 'ndjson', raw: true }, '`raw` is for CSV only'],
  ])('%j', async (options, message) => {
    await expect(exportText(stand.toolkit, 'm@table', {}, options as never)).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('words of a target without full text, and a target that has it is named', async () => {
    await expect(exportText(stand.toolkit, 'm@table', { text: 'x' })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: m@table has no full text; ask m@search',
    })
  })

  it('a condition that an index cannot take, before any row', async () => {
    const exported = await openExport(stand.toolkit, 'm@search', { where: { facts: { exists: true } } } as never)
    await expect(exported[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
  })

  it('an export gives its rows once', async () => {
    const { exported } = await exportText(stand.toolkit, 'm@table')
    await expect(exported[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EXPORT_IMPOSSIBLE' })
  })
})
