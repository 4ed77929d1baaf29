import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { randomThings } from '../query/catalog.ts'
import { expectedRows, matching } from '../query/oracle.ts'
import { describeWithSearch } from '../support/search.ts'
import { type Answered, ApiStand, asGet, rowsOnly, thingStores } from './stand.ts'

const rows = randomThings(7, 120)

describeWithSearch('The API', () => {
  let stand: ApiStand
  let api: Awaited<ReturnType<ApiStand['serve']>>

  beforeAll(async () => {
    stand = await ApiStand.open(rows)
    api = await stand.serve({ access: 'open' })
  })
  afterAll(() => stand?.close())

  it('says what there is: columns with their conditions, and targets with their lag', async () => {
    const { status, json } = await api('/read-models')
    expect(status).toBe(200)
    const [things] = json.readModels
    expect(things).toMatchObject({ name: 'things', key: ['region', 'id'] })
    expect(things.columns.find((column: { name: string }) => column.name === 'tags')).toEqual({
      name: 'tags',
      type: 'text[]',
      conditions: ['has', 'exists'],
      uses: ['group'],
    })
    expect(things.targets.map(({ name, serves }: { name: string; serves: boolean }) => [name, serves])).toEqual([
      ['table', true],
      ['view', false],
      ['search', false],
    ])
    expect(things.targets.map(({ text }: { text: string[] }) => text)).toEqual([[], [], ['name', 'status']])
    expect(things).toMatchObject({ timeZone: 'UTC', limits: { rows: 1_000, groups: 1_000 } })
    for (const { lag, reflectedAt } of things.targets)
      expect([typeof lag, typeof reflectedAt]).toEqual(['number', 'string'])
    expect((await api('/read-models/things')).json.columns).toEqual(things.columns)
  })

  it.each(thingStores)('finds in the %s what the library finds, page by page, by POST and GET', async (from) => {
    const request = { where: { status: { ne: 'paid' } }, sort: '-total', limit: 30, total: true, from }
    const expected = expectedRows(rows, { where: { status: { ne: 'paid' } }, sort: '-total' })
    const found: Row[] = []
    let cursor: string | undefined
    do {
      const asked = { ...request, ...(cursor && { cursor }) }
      const posted = await api('/read-models/things/find', { body: asked })
      expect(posted).toMatchObject({
        status: 200,
        json: { total: expected.length, target: `things@${from}`, asOf: expect.stringMatching(/^20.*Z$/) },
      })
      expect(posted.headers.get('trifold-as-of')).toBe(posted.json.asOf)
      expect(rowsOnly((await api(asGet('/read-models/things/find', asked))).json)).toEqual(rowsOnly(posted.json))
      found.push(...posted.json.rows)
      cursor = posted.json.cursor
    } while (cursor)
    expect(found).toEqual(expected)
  })

  it.each(thingStores)('summarizes in the %s as the library does', async (from) => {
    const request = { group: 'status', sum: 'quantity', aggregates: { largest: { max: 'total' } }, sort: '-sum' }
    const { json } = await api('/read-models/things/summarize', { body: { ...request, from } })
    expect(rowsOnly(json)).toEqual(
      JSON.parse(
        JSON.stringify(rowsOnly(await stand.trifold.readModel('things').summarize({ ...request, from } as never))),
      ),
    )
    expect(json.groups.length).toBeGreaterThan(2)
  })

  it('finds words in the index, and refuses them elsewhere with the name of the target that takes them', async () => {
    const asked = { text: { query: 'paid', typos: false }, highlight: true }
    const { json } = await api('/read-models/things/find', { body: { ...asked, from: 'search' } })
    expect(json.rows.map((row: Row) => row.id).sort()).toEqual(
      matching(rows, { status: 'paid' })
        .slice(0, 100)
        .map((row) => row.id)
        .sort(),
    )
    expect(json.highlights[0].status).toEqual([[{ text: 'paid', match: true }]])
    expect((await api('/read-models/things/find', { body: asked })).json).toMatchObject({
      status: 422,
      code: 'QUERY_UNSUPPORTED',
      detail: expect.stringContaining('things@search'),
    })
  })

  it('suggests from the index what the library suggests, and refuses it elsewhere', async () => {
    const asked = { text: 'pa', from: 'search', columns: ['status'] }
    const { json } = await api('/read-models/things/suggest', { body: asked })
    expect(json.suggestions[0]).toEqual({ text: 'paid', count: matching(rows, { status: 'paid' }).length })
    expect((await api(asGet('/read-models/things/suggest', asked))).json.suggestions).toEqual(json.suggestions)
    expect(await api('/read-models/things/suggest', { body: { text: 'pa' } })).toMatchObject({ status: 422 })
    expect(await api('/read-models/things/suggest', { body: { ...asked, limit: 51 } })).toMatchObject({ status: 400 })
  })

  it.each(thingStores)('exports from the %s all rows at one snapshot, and says of when and how many', async (from) => {
    const request = { where: { total: { gte: '0' } }, columns: ['region', 'id', 'name', 'total'], from }
    const expected = expectedRows(rows, { where: { total: { gte: '0' } }, columns: request.columns })
    const { status, headers, text } = await api('/read-models/things/export?format=ndjson', { body: request })
    expect(status).toBe(200)
    const exported = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(exported.toSorted(byKey)).toEqual(expected.toSorted(byKey))
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    expect(headers.get('content-disposition')).toBe('attachment; filename="things.ndjson"')
    expect(headers.get('trifold-target')).toBe(`things@${from}`)
    expect(headers.get('trifold-as-of')).toMatch(/^20\d\d-.*Z$/)
    expect(headers.get('trifold-snapshot')).toMatch(/^\d+:\d+:/)
    expect(headers.get('trifold-degraded')).toBe('false')
  })

  it('exports CSV by GET, safe from formulas unless raw is asked for', async () => {
    const asked = { columns: ['region', 'id', 'ratio'], where: { region: 'north' }, sort: ['region', 'id'] }
    const { headers, text } = await api(asGet('/read-models/things/export', asked))
    expect(headers.get('content-type')).toContain('text/csv')
    expect(text.startsWith('region,id,ratio\r\nnorth,')).toBe(true)
    expect(text.split('\r\n')).toHaveLength(matching(rows, { region: 'north' }).length + 2)
    expect((await api(`${asGet('/read-models/things/export', asked)}&raw=true`)).text).toBe(text)
  })

  it('reads numbers of JSON exactly, beyond what a double tells apart', async () => {
    const find = async (where: string) => {
      const { status, json } = await api('/read-models/things/find', { body: `{"where":${where},"limit":1000}` })
      return status === 200 ? json.rows.length : json.detail
    }
    expect(await find('{"total":9999999999.99}')).toBe(matching(rows, { total: '9999999999.99' }).length)
    expect(await find('{"rate":{"lt":19.9990000000000000000001}}')).toBe(
      matching(rows, { rate: { lte: '19.999' } }).length,
    )
    expect(await find('{"rate":{"gt":19.99899999999999999999}}')).toBe(
      matching(rows, { rate: { gte: '19.999' } }).length,
    )
    expect(await find('{"distance":9007199254740991}')).toBe(matching(rows, { distance: 9007199254740991 }).length)
    expect(await find('{"distance":9007199254740992}')).toContain('that JavaScript holds exactly')
    expect(await find('{"distance":9007199254740991.0000000000001}')).toContain('a whole number')
  })

  it('refuses what it does not understand, as a problem that names the fault', async () => {
    const refused = async (path: string, asking?: Parameters<typeof api>[1]) => problemIn(await api(path, asking))
    const find = '/read-models/things/find'
    expect(await refused(find, { body: { wher: {} } })).toMatch(/^400 QUERY_INVALID .*did you mean `where`/)
    expect(await refused(find, { body: { where: { nmae: 1 } } })).toMatch(/^400 QUERY_INVALID .*did you mean `name`/)
    expect(await refused(find, { body: { cursor: 'x' } })).toMatch(/^400 CURSOR_INVALID/)
    expect(await refused(find, { body: { after: 'x' } })).toMatch(/^400 TOKEN_INVALID/)
    expect(await refused(find, { body: '{"where":' })).toMatch(/^400 REQUEST_INVALID .*not JSON/)
    expect(await refused(find, { body: '[]' })).toMatch(/^400 REQUEST_INVALID .*no JSON object/)
    expect(await refused(find, { body: '' })).toMatch(/^400 REQUEST_INVALID .*empty/)
    expect(await refused(find, { body: '{}', headers: { 'content-type': 'text/plain' } })).toMatch(
      /^415 REQUEST_INVALID .*application\/json/,
    )
    expect(await refused(`${find}?limit=3`)).toMatch(
      /^400 REQUEST_INVALID .*unknown parameter `limit`; it takes request/,
    )
    expect(await refused(`${find}?request={}&request={}`)).toMatch(/^400 REQUEST_INVALID .*twice/)
    expect(await refused('/read-models/thing/find')).toMatch(/^404 READ_MODEL_UNKNOWN .*"thing" \(there are: things\)/)
    expect(await refused('/read-models/constructor/find')).toMatch(/^404 READ_MODEL_UNKNOWN/)
    expect(await refused('/read-models/things/export?format=xls')).toMatch(
      /^400 REQUEST_INVALID .*csv, ndjson, parquet/,
    )
    expect(await refused('/read-models/things/export', { body: { limit: 3 } })).toMatch(/^400 QUERY_INVALID/)
  })

  it('says nothing of what goes wrong inside', async () => {
    const broken = await ApiStand.open([])
    try {
      const ofBroken = await broken.serve({ access: 'open' })
      await broken.database.pool.query('drop view names.things__table cascade')
      const answered = await ofBroken('/read-models/things/find', { body: {} })
      expect(problemIn(answered)).toBe('500 UNEXPECTED The server cannot answer; its log says why.')
      expect(answered.text).not.toContain('things__table')
      await broken.database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`)
      await ofBroken('/read-models/things/find', { body: { from: 'view' } })
      expect(await ofBroken('/read-models/things/find', { body: { from: 'view' } })).toMatchObject({ status: 200 })
    } finally {
      await broken.close()
    }
  })
})

const byKey = (a: Row, b: Row): number => (JSON.stringify([a.region, a.id]) < JSON.stringify([b.region, b.id]) ? -1 : 1)

/** Status, code and detail of a problem. */
function problemIn({ status, headers, json }: Answered): string {
  expect(headers.get('content-type')).toContain('application/problem+json')
  expect(json).toMatchObject({ status, type: `urn:trifold:error:${json.code}`, title: expect.stringMatching(/\.$/) })
  return `${status} ${json.code} ${json.detail}`
}
