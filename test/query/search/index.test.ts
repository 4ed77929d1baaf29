import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../../src/encoding.ts'
import { indexReader, type ReadIndex } from '../../../src/query/search.ts'
import type { Find, Summarize } from '../../../src/query.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createThingsIndex, createThingsTable, documentOf, type Things } from '../things.ts'

const instant = '2024-01-01T00:00:00.000000Z'
const thing = (id: number, columns: Row = {}): Row => ({
  region: 'north',
  id,
  status: 'new',
  changed_at: instant,
  ...columns,
})
interface Settings {
  analysis: object
  similarity: object
}

const names = ['red lamp', 'red lamp shade', 'green lamp', 'lamb', 'table', 'Red table lamp']

describeWithSearch('Queries of an index', () => {
  let things: Things
  let search: TestSearch
  let source: ReadIndex

  beforeAll(async () => {
    things = await createThingsTable([])
    search = createSearch()
    const rows = [
      ...names.map((name, place) => thing(place + 1, { name, seen: '2024-01-01T00:00:00.000001' })),
      thing(20, { seen: '1970-01-01T00:00:00.000000', quantity: 2 ** 31 - 1 }),
      ...Array.from({ length: 9_993 }, (_, place) =>
        thing(100 + place, { region: 'far', total: '0.10', rate: '0.1', reference: uuid(place % 5_000) }),
      ),
      thing(20_000, { distance: Number.MAX_SAFE_INTEGER }),
    ]
    source = await createThingsIndex(search, things.definition, rows)
  })

  afterAll(async () => {
    await search?.close()
    await things?.close()
  })

  const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const find = (request: Find, from = source) => indexReader(search.client, from).find(request)
  const summarize = (request: Summarize, from = source) => indexReader(search.client, from).summarize(request)
  /** Another index with the same columns and one row. */
  const indexOf = async (name: string, row: Row): Promise<ReadIndex> => {
    const index = `${search.prefix}${name}-g1`
    const { body } = await search.client.indices.get({ index: `${search.prefix}things-g1` })
    const { mappings, settings } = Object.values(body)[0] as { mappings: object; settings: { index: Settings } }
    const { analysis, similarity } = settings.index
    await search.client.indices.create({ index, body: { mappings, settings: { analysis, similarity } } as never })
    await search.client.index({ index, body: documentOf(things.definition, row, 0), refresh: true })
    return { ...source, index }
  }
  const ids = async (request: Find) => (await find(request)).rows.map(({ id }) => id)

  test('text finds rows that hold every word in one column, with small errors, best first', async () => {
    expect((await ids({ text: 'lamp red' })).toSorted()).toEqual([1, 2, 6])
    expect(await ids({ text: 'red lamp', limit: 1 })).toEqual([1])
    expect((await ids({ text: 'tabel' })).toSorted()).toEqual([5, 6])
    expect(await ids({ text: 'lamp', where: { name: { ne: 'red lamp' } }, sort: '-id' })).toEqual([6, 4, 3, 2])
    expect(await ids({ text: 'chair' })).toEqual([])
    expect((await summarize({ text: 'lamp' })).groups).toEqual([{ group: null, count: 5, sum: null }])
  })

  test('typos are forgiven by default, and not if the request says so', async () => {
    const words = (query: string, typos?: boolean) => ids({ text: { query, typos } })
    expect(await words('gren lmap')).toEqual([3])
    expect(await words('gren lmap', true)).toEqual([3])
    expect(await words('gren lmap', false)).toEqual([])
    expect(await words('green lamp', false)).toEqual([3])
    expect((await summarize({ text: { query: 'lmap' } })).groups).toMatchObject([{ count: 4 }])
  })

  test('words with typos forgiven continue only their own pages', async () => {
    const { cursor } = await find({ text: 'lamp', limit: 1 })
    const rest = await find({ text: { query: 'lamp', typos: true }, limit: 9, cursor: cursor! })
    expect(rest.rows).toHaveLength(4)
    await expect(find({ text: { query: 'lamp', typos: false }, cursor: cursor! })).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    })
  })

  test('highlights show where each row has the words, typos and all', async () => {
    const { rows, highlights } = await find({ text: 'gren lamp', highlight: true })
    expect(rows.map(({ id }) => id)).toEqual([3])
    expect(highlights).toEqual([
      {
        name: [
          [
            { text: 'green', match: true },
            { text: ' ', match: false },
            { text: 'lamp', match: true },
          ],
        ],
      },
    ])
    expect(await find({ text: 'gren lamp' })).not.toHaveProperty('highlights')
    expect(await find({ text: 'chair', highlight: true })).toMatchObject({ rows: [], highlights: [] })
  })

  test('highlights of long texts are pieces, and what looks like a mark in them is text', async () => {
    const name = `${'A long story about lanterns. '.repeat(300)}In the end the Teapot <b>won</b>.`
    const from = await indexOf('story', thing(1, { name, status: 'about a teapot' }))
    const { highlights } = await find({ text: 'teapot', highlight: true }, from)
    expect(highlights).toEqual([
      {
        name: [
          [
            { text: 'In the end the ', match: false },
            { text: 'Teapot', match: true },
            { text: ' <b>won</b>.', match: false },
          ],
        ],
        status: [
          [
            { text: 'about a ', match: false },
            { text: 'teapot', match: true },
          ],
        ],
      },
    ])
  })

  test('a text that is longer than the engine reads for highlights is found all the same', async () => {
    const name = `begin ${'filler '.repeat(200_000)} sesame`
    const from = await indexOf('long', thing(1, { name }))
    const found = await find({ text: 'sesame', highlight: true }, from)
    expect(found).toMatchObject({ rows: [{ id: 1 }], highlights: [{}] })
    const { highlights } = await find({ text: 'begin', highlight: true }, from)
    expect(highlights?.[0]?.name?.[0]?.[0]).toEqual({ text: 'begin', match: true })
  })

  test('pages in the order of relevance follow each other', async () => {
    const all = await ids({ text: 'lamp' })
    const paged: unknown[] = []
    let cursor: string | undefined
    do {
      const page = await find(cursor === undefined ? { text: 'lamp', limit: 2 } : { text: 'lamp', limit: 2, cursor })
      paged.push(...page.rows.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(paged).toEqual(all)
    expect(paged).toHaveLength(5)
  })

  test('text is refused where it is blank or no column has it', async () => {
    await expect(find({ text: ' ' })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(find({ text: { query: '' } })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(find({ text: { typos: true } as never })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message:
        "query: `text` takes words, or { query: words, typos: true or false, prefix: true or false, match: 'all' or 'any' }, not undefined",
    })
    await expect(find({ text: 'lamp' }, { ...source, text: [] })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: things@search has no full text; name its columns in `text` of the search target',
    })
  })

  test('a page that ends among missing times is answered, and the first instant of 1970 stands before them', async () => {
    expect(await ids({ sort: '-seen', limit: 9 })).toEqual([6, 5, 4, 3, 2, 1, 20, 20_000, 10_092])
  })

  test('the largest page is whole, and knows whether another follows', async () => {
    const first = await find({ limit: 10_000 })
    expect([first.rows.length, first.rows.at(-1)?.id]).toEqual([10_000, 20])
    expect(await find({ limit: 10_000, cursor: first.cursor! })).toMatchObject({
      rows: [{ id: 20_000 }],
      cursor: undefined,
    })
    expect(await find({ where: { id: { ne: 20 } }, limit: 10_000 })).toMatchObject({ cursor: undefined })
  })

  test('deleted documents are in no answer', async () => {
    expect(await ids({ where: { id: 7 } })).toEqual([])
    expect((await summarize({})).groups).toMatchObject([{ count: 10_001 }])
  })

  test('sums of decimals are exact where their size is known, and called approximate where it is not', async () => {
    expect(await summarize({ sum: 'total' })).toMatchObject({
      groups: [{ count: 10_001, sum: '999.30' }],
      approximate: false,
    })
    expect(await summarize({ sum: 'rate' })).toMatchObject({ groups: [{ sum: '999.3' }], approximate: true })
    expect(await summarize({ sum: 'distance' })).toMatchObject({
      groups: [{ sum: Number.MAX_SAFE_INTEGER }],
      approximate: true,
    })
  })

  test('groups of many values over several shards are called approximate', async () => {
    const summary = await summarize({ group: 'reference', limit: 10 })
    expect(summary.groups).toHaveLength(10)
    expect(summary).toMatchObject({ approximate: true, more: true })
  })

  test('the groups with the largest sums are exact over several shards', async () => {
    const asked = {
      group: 'reference',
      sum: 'total',
      sort: '-sum',
      limit: 3,
      where: { reference: { exists: true } },
    } as const
    const top = await summarize(asked)
    expect(top.groups.map(({ group, count, sum }) => [group, count, sum])).toEqual(
      [0, 1, 2].map((place) => [uuid(place), 2, '0.20']),
    )
  })

  test('more groups than one answer holds are read page by page, all of one moment', async () => {
    const asked = { group: 'id', aggregates: { last: { max: 'id' } } } as const
    expect(await summarize({ ...asked, sort: '-group', limit: 1 })).toMatchObject({
      more: true,
      groups: [{ group: 20_000 }],
    })
    const late = { ...asked, sort: 'group', having: { last: { gte: 10_092 } }, limit: 10_000 } as const
    expect((await summarize(late)).groups.map(({ group }) => group)).toEqual([10_092, 20_000])
    const ranges = { column: 'weight', ranges: [0] }
    await expect(summarize({ group: ['id', ranges], sort: 'group', limit: 10_000 })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message:
        'query: things@search orders and chooses from at most 10000 groups of each combination of ranges, and finds more; ask things@table',
    })
    const all = await summarize({ ...asked, sort: '-last', limit: 10_000 })
    expect(all).toMatchObject({ more: true, approximate: false })
    expect(all.groups.map(({ group }) => group)).toEqual([
      20_000,
      ...Array.from({ length: 9_993 }, (_, n) => 10_092 - n),
      20,
      6,
      5,
      4,
      3,
      2,
    ])
  })

  test('times that the calendar of the engine does not know are in the calendar all the same', async () => {
    const months = { group: { column: 'seen', interval: 'month' } } as const
    expect((await summarize(months)).groups.map(({ group }) => group)).toEqual([null, '2024-01-01', '1970-01-01'])
    const old = await indexOf('old', thing(1, { seen: '1969-12-31T23:59:59.999999' }))
    expect((await summarize(months, old)).groups).toMatchObject([{ group: '1969-12-01', count: 1 }])
  })

  test('groups of times tell microseconds apart', async () => {
    expect(await summarize({ group: 'seen', where: { region: 'north' } })).toMatchObject({
      groups: [
        { group: '2024-01-01T00:00:00.000001', count: 6 },
        { group: '1970-01-01T00:00:00.000000', count: 1 },
        { group: null, count: 1 },
      ],
      approximate: false,
    })
  })

  test('an answer that lacks a shard is an error, never some of the rows', async () => {
    const [index, alias] = [`${search.prefix}broken-g1`, `${search.prefix}broken`]
    const mappings = { properties: { quantity: { type: 'text' } } }
    await search.client.indices.create({ index, body: { mappings, aliases: { [alias]: {} } } as never })
    await search.client.index({ index, body: { region: 'north', id: 1, quantity: 'one' }, refresh: true })
    await search.client.indices.putAlias({ index: `${search.prefix}things-g1`, name: alias })
    await expect(find({ sort: 'quantity', limit: 5 }, { ...source, index: alias })).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
    })
  })

  test('as many conditions as are taken have room beside as many words as are taken', async () => {
    const conditions = Array.from({ length: 100 }, (_, place) => ({ quantity: { gte: place } }))
    const words = Array.from({ length: 100 }, (_, place) => `w${place}`).join(' ')
    expect(await find({ text: words, where: { not: { or: conditions } } })).toMatchObject({ rows: [] })
    expect((await summarize({ where: { or: conditions } })).groups).toMatchObject([{ count: 1 }])
  })

  test('what an index keeps without an index of its own is refused with a target that can', async () => {
    await expect(find({ where: { not: { extra: { exists: true } } } })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: things@search keeps extra (jsonb) without an index; ask things@table',
    })
  })

  test('a target without an index says what to do', async () => {
    await expect(find({}, { ...source, index: `${search.prefix}none` })).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      message: expect.stringMatching(
        /^search: a query of things@search failed: .*; rebuild the target to build a new index/,
      ),
    })
  })
})
