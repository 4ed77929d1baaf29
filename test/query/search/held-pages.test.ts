import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../../src/encoding.ts'
import { indexReader, type ReadIndex } from '../../../src/query/search.ts'
import { type Find, relationReader } from '../../../src/query.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createThingsIndex, createThingsTable, documentOf, type Things } from '../things.ts'

const count = 30
const thing = (id: number, name: string): Row => ({
  region: 'north',
  id,
  name,
  status: 'new',
  changed_at: '2024-01-01T00:00:00.000000Z',
})
const lamps = Array.from({ length: count }, (_, place) => thing(place + 1, `lamp ${'and more '.repeat(place % 5)}`))

describeWithSearch('Pages by relevance while others write', () => {
  let things: Things
  let search: TestSearch
  let source: ReadIndex

  beforeAll(async () => {
    things = await createThingsTable([])
    search = createSearch()
    source = await createThingsIndex(search, things.definition, lamps)
  })

  afterAll(async () => {
    await search?.close()
    await things?.close()
  })

  const find = (request: Find, from = source) => indexReader(search.client, from).find(request)
  const write = async (...rows: Row[]) => {
    const operations = rows.flatMap((row) => [
      { index: { _id: `thing-${Number(row.id) - 1}` } },
      documentOf(things.definition, row, Number(row.id)),
    ])
    await search.client.bulk({ index: `${search.prefix}things-g1`, refresh: true, body: operations as never })
  }

  /** Moves the row that was shown last to the end, and the last one to the front. */
  async function pages(request: Find): Promise<number[]> {
    const seen: number[] = []
    let cursor: string | undefined
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      const found = await find({ ...request, limit: 7, ...(cursor !== undefined && { cursor }) })
      seen.push(...found.rows.map(({ id }) => id as number))
      cursor = found.cursor
      const [first, last] = [seen.at(-1) as number, count - page]
      await write(
        thing(first, `lamp ${'far behind '.repeat(30)}`),
        thing(last, 'lamp'),
        thing(1_000 + page, 'lamp and a half'),
      )
    }
    return seen
  }
  const all = async () => (await find({ text: 'lamp', limit: 100 })).rows.map(({ id }) => id)

  test('are whole and in one order if they are held, though each row on its way changes its place; without, they are not', async () => {
    const expected = await all()
    expect(await pages({ text: 'lamp', hold: '5m' })).toEqual(expected)
    await write(...lamps)
    const moved = await pages({ text: 'lamp' })
    expect(
      moved.filter((id, place) => moved.indexOf(id) !== place).length,
      'the wrong design repeats rows',
    ).toBeGreaterThan(0)
    await write(...lamps)
  })

  test('hold any order, with totals of that moment', async () => {
    const first = await find({ sort: '-name ignoring case', limit: 5, hold: '5m', total: true })
    await write(thing(2_000, 'aaa'))
    const second = await find({ sort: '-name ignoring case', limit: 5, hold: '5m', total: true, cursor: first.cursor! })
    expect(second.total).toBe(first.total)
    expect((await find({ total: true, limit: 1 })).total).toBe(first.total! + 1)
  })

  test('end with an error that says what to do once they are no longer held', async () => {
    const { cursor } = await find({ text: 'lamp', limit: 2, hold: '5m' })
    const content = JSON.parse(Buffer.from(cursor!, 'base64url').toString())
    await search.client.deletePit({ body: { pit_id: [content.held.pit] } })
    await expect(find({ text: 'lamp', hold: '5m', cursor: cursor! })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
      message: expect.stringContaining('begin again with the first page'),
    })
  })

  test('are let go of behind the last page', async () => {
    const first = await find({ text: 'lamp', limit: 20, hold: '5m' })
    const last = await find({ text: 'lamp', limit: 1_000, hold: '5m', cursor: first.cursor! })
    expect(last.cursor).toBeUndefined()
    await expect(find({ text: 'lamp', limit: 20, hold: '5m', cursor: first.cursor! })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
  })

  test('are let go of by who gives up, as an export does whose reader goes away', async () => {
    const reader = indexReader(search.client, source)
    const { cursor } = await reader.find({ text: 'lamp', limit: 2, hold: '5m' })
    await reader.letGo(cursor!)
    await expect(find({ text: 'lamp', hold: '5m', cursor: cursor! })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
    await reader.letGo((await reader.find({ text: 'lamp', limit: 2 })).cursor!)
  })

  test('a cursor with another point in time reads nothing of it', async () => {
    const { cursor } = await find({ text: 'lamp', limit: 2, hold: '5m' })
    const changed = (held: object) => {
      const content = JSON.parse(Buffer.from(cursor!, 'base64url').toString())
      return Buffer.from(JSON.stringify({ ...content, held: { ...content.held, ...held } })).toString('base64url')
    }
    const other = `${search.prefix}other`
    const [mapping] = Object.values((await search.client.indices.get({ index: `${search.prefix}things-g1` })).body)
    const { analysis, similarity } = (mapping as { settings: { index: Record<string, object> } }).settings.index
    const body = { mappings: (mapping as { mappings: object }).mappings, settings: { analysis, similarity } }
    await search.client.indices.create({ index: other, body: body as never })
    await search.client.index({
      index: other,
      body: documentOf(things.definition, thing(9_999, 'lamp secret'), 0),
      refresh: true,
    })
    const { body: opened } = await search.client.createPit({ index: [other], keep_alive: '1m' })
    const request: Find = { text: 'lamp', limit: 100, hold: '5m' }
    const { rows } = await find({ ...request, cursor: changed({ pit: opened.pit_id }) })
    expect(rows).toEqual([])
    for (const pit of ['', 'x', 'AAAA', '{}']) {
      await expect(find({ ...request, cursor: changed({ pit }) })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    }
    await expect(find({ ...request, cursor: changed({ index: other }) })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
    await expect(find({ ...request, cursor: changed({ asOf: 7 }) })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  })

  test('a cursor of held pages continues only held pages, and shows no later commit', async () => {
    const held = await find({ text: 'lamp', limit: 2, hold: '5m' })
    const free = await find({ text: 'lamp', limit: 2 })
    const invalid = { code: 'CURSOR_INVALID', message: expect.stringContaining('hold') }
    await expect(find({ text: 'lamp', cursor: held.cursor! })).rejects.toMatchObject(invalid)
    await expect(find({ text: 'lamp', hold: '5m', cursor: free.cursor! })).rejects.toMatchObject(invalid)
    const token = 'tf1.1.1' as never
    await expect(find({ text: 'lamp', hold: '5m', cursor: held.cursor!, after: token })).rejects.toThrow(/after|token/)
  })

  test('a cursor ends when the index ranks rows in another way', async () => {
    const { cursor } = await find({ text: 'lamp', limit: 2 })
    const heavier = { ...source, text: source.text.map((one) => ({ ...one, weight: one.weight * 3 })) }
    await expect(find({ text: 'lamp', cursor: cursor! }, heavier)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
    const byKey = await find({ text: 'lamp', sort: 'id', limit: 2 })
    expect((await find({ text: 'lamp', sort: 'id', cursor: byKey.cursor! }, heavier)).rows.length).toBeGreaterThan(0)
  })

  test('what the first page decides about typos holds for the others', async () => {
    const forgiving = { ...source, rules: { typos: { below: 40 } } }
    const first = await find({ text: 'lamp', limit: 10 }, forgiving)
    expect(first.cursor).toBeDefined()
    const more = Array.from({ length: 12 }, (_, one) => thing(3_000 + one, 'lamp'))
    await write(...more, thing(3_100, `lump ${'and more '.repeat(9)}`))
    const rest = await find({ text: 'lamp', limit: 1_000, cursor: first.cursor! }, forgiving)
    expect(rest.rows.map(({ id }) => id)).toContain(3_100)
    const { rows } = await find({ text: 'lamp', limit: 1_000 }, forgiving)
    expect(rows.map(({ id }) => id)).not.toContain(3_100)
  })

  test('a table and a view refuse to hold, and name the index', async () => {
    const reader = relationReader(things.pool, things.relation)
    await expect(reader.find({ hold: '1m' })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: things@table cannot hold its pages still; ask things@search',
    })
  })
})
