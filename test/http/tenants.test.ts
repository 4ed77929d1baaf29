import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Summarize } from '../../src/query/summary.ts'
import type { Find } from '../../src/query.ts'
import { randomThings } from '../query/catalog.ts'
import { someFind } from '../query/finds.ts'
import { expectedRows } from '../query/oracle.ts'
import {
  expectSilent,
  hides,
  namesOf,
  namesOfSummary,
  type Restricted,
  restriction,
  seen,
} from '../query/restricted.ts'
import { comparable, expectAlike, expectedAs, someSummarize } from '../query/summaries.ts'
import { expectedGroups } from '../query/summary-oracle.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { type Answered, ApiStand, asGet, rowsOnly, thingStores } from './stand.ts'

type Ask = Awaited<ReturnType<ApiStand['serve']>>

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const rounds = (few: number, many: number) => ({ seed, numRuns: fewOrMany(few, many), endOnFailure: true })

describeWithSearch(`Tenants of the API (seed ${seed})`, () => {
  const rows = randomThings(seed, 250)
  // Two keys have one role: what one of them has cached is not the other's.
  const tenants = fc.sample(restriction, { seed, numRuns: 5 }).flatMap((restricted, place) => [
    { restricted, role: `r${place}`, name: `t${place}`, secret: `the secret of tenant ${place}`.replaceAll(' ', '-') },
    { restricted, role: `r${place}`, name: `u${place}`, secret: `the secret of another ${place}`.replaceAll(' ', '-') },
  ])
  type Tenant = (typeof tenants)[number]
  let stand: ApiStand
  let api: Ask

  beforeAll(async () => {
    process.stderr.write(`test/http/tenants: TRIFOLD_TEST_SEED=${seed}\n`)
    stand = await ApiStand.open(rows)
    const roles = Object.fromEntries(tenants.map(({ role, restricted }) => [role, { things: restricted as never }]))
    const keys = Object.fromEntries(tenants.map(({ name, role, secret }) => [name, { role, secret }]))
    api = await stand.serve({ access: { roles, keys } })
  })
  afterAll(() => stand?.close())

  const tenant = fc.constantFrom(...tenants)
  const store = fc.constantFrom(...thingStores)

  function expectRefusal({ status, json }: Answered, restricted: Restricted, names: string[]): void {
    expect([status, json.code]).toEqual([400, 'QUERY_INVALID'])
    expectSilent(json.detail, restricted, names)
  }

  const findsItsRows =
    (ask: Ask) =>
    async ({ secret, restricted }: Tenant, request: Find, from: string) => {
      const answered = await ask('/read-models/things/find', { key: secret, body: { ...request, from } })
      if (hides(restricted, namesOf(request))) return expectRefusal(answered, restricted, namesOf(request))
      const expected = expectedRows(seen(rows, restricted), request)
      expect(answered).toMatchObject({ status: 200, json: { rows: expected.slice(0, request.limit) } })
      expect(answered.json.total).toBe(request.total ? expected.length : undefined)
      expect(answered.json.cursor !== undefined).toBe(expected.length > (request.limit as number))
    }

  const summarizesItsRows =
    (ask: Ask) =>
    async ({ secret, restricted }: Tenant, asked: Summarize, from: string) => {
      const request = { ...asked, limit: 1_000 }
      const summary = (store: string) =>
        ask('/read-models/things/summarize', { key: secret, body: { ...request, from: store } })
      const answered = await summary(from)
      const names = namesOfSummary(request)
      if (hides(restricted, names)) return expectRefusal(answered, restricted, names)
      const expected = expectedGroups(seen(rows, restricted), request)
      const fromTable = (await summary('table')).json
      expect(comparable(request, fromTable)).toEqual(expectedAs(request, expected))
      if (from === 'search') expectAlike(request, rowsOnly(answered.json), rowsOnly(fromTable), expected)
      else expect(answered.json.groups).toEqual(fromTable.groups)
    }

  /** As many rows as `find` finds in its rows, and no word that these do not have. */
  const suggestsItsRows =
    (ask: Ask) =>
    async ({ secret, restricted }: Tenant, text: string) => {
      const answered = await ask('/read-models/things/suggest', { key: secret, body: { text, from: 'search' } })
      const searched = ['name', 'status'].filter((column) => restricted.columns.includes(column))
      if (searched.length === 0)
        return void expect([answered.status, answered.json.code]).toEqual([422, 'QUERY_UNSUPPORTED'])
      const texts = seen(rows, restricted).flatMap((row) =>
        searched.map((column) => folded(row[column] as string | null)),
      )
      expect(answered.status).toBe(200)
      for (const suggestion of answered.json.suggestions) {
        expect(texts.some((one) => one.includes(folded(suggestion.text)))).toBe(true)
        const query = { query: suggestion.text, typos: false, prefix: false }
        const body = { text: query, total: true, limit: 1, from: 'search' }
        const { json } = await api('/read-models/things/find', { key: secret, body })
        expect(suggestion.count).toBe(json.total)
      }
    }

  const exportsItsRows =
    (ask: Ask) =>
    async ({ secret, restricted }: Tenant, request: Find, from: string) => {
      const body = { where: request.where, columns: request.columns, from }
      const answered = await ask('/read-models/things/export?format=ndjson', { key: secret, body })
      const names = namesOf(body as Find)
      if (hides(restricted, names)) return expectRefusal(answered, restricted, names)
      const lines = answered.text.split('\n').filter(Boolean)
      const expected = expectedRows(seen(rows, restricted), { where: request.where, columns: request.columns } as Find)
      expect(lines.map((line) => comparableLine(JSON.parse(line))).sort()).toEqual(expected.map(comparableLine).sort())
    }

  const keepsCachesApart = (ask: Ask) => async (one: Tenant, other: Tenant, request: Find, from: string) => {
    fc.pre(one !== other)
    const path = asGet('/read-models/things/find', { ...request, from })
    const [own, others] = [await ask(path, { key: one.secret }), await ask(path, { key: other.secret })]
    fc.pre(own.status === 200 && others.status === 200)
    const again = (tag: string | null) => ask(path, { key: one.secret, headers: { 'if-none-match': String(tag) } })
    expect(await again(own.headers.get('etag'))).toMatchObject({ status: 304, text: '' })
    expect(await again(others.headers.get('etag'))).toMatchObject({ status: 200, json: { rows: own.json.rows } })
    expect(own.headers.get('cache-control')).toBe('private, no-cache')
    expect(own.headers.get('vary')).toContain('Authorization')
  }

  const finding = (ask: Ask) => fc.asyncProperty(tenant, someFind, store, findsItsRows(ask))
  const summarizing = (ask: Ask) => fc.asyncProperty(tenant, someSummarize, store, summarizesItsRows(ask))
  const exporting = (ask: Ask) => fc.asyncProperty(tenant, someFind, store, exportsItsRows(ask))
  const typed = fc.constantFrom('p', 'pa', 'n', 'ne', 'go', 'g', 'a', 'z', 'fi', 'a b')
  const suggesting = (ask: Ask) => fc.asyncProperty(tenant, typed, suggestsItsRows(ask))
  /** Of columns that each of them has. */
  const plain = fc.record({ limit: fc.integer({ min: 1, max: 50 }), sort: fc.constantFrom('id', '-region') })
  const caching = (ask: Ask) => fc.asyncProperty(tenant, tenant, plain as never, store, keepsCachesApart(ask))

  it('find what an oracle finds that has their rows and columns only', async () => {
    await fc.assert(finding(api), rounds(25, 600))
  })

  it('get the groups, counts and numbers of such an oracle', async () => {
    await fc.assert(summarizing(api), rounds(25, 600))
  })

  it('are suggested words of their rows only, with the numbers of these', async () => {
    await fc.assert(suggesting(api), rounds(15, 200))
  })

  it('export what it has', async () => {
    await fc.assert(exporting(api), rounds(15, 300))
  })

  it('take no answer of another from a cache, nor the tag of one', async () => {
    await fc.assert(caching(api), rounds(15, 200))
  })

  it('cannot go on from the cursor of another', async () => {
    const pages = await Promise.all(
      tenants.map(({ secret }) => api('/read-models/things/find', { key: secret, body: { limit: 1 } })),
    )
    for (const [place, { json }] of pages.entries()) {
      if (json.cursor === undefined) continue
      for (const other of tenants.filter(({ role }) => role !== tenants[place]?.role)) {
        const answered = await api('/read-models/things/find', {
          key: other.secret,
          body: { limit: 1, cursor: json.cursor },
        })
        expect(answered).toMatchObject({ status: 400, json: { code: 'CURSOR_INVALID' } })
      }
    }
  })

  it.each(['find', 'summarize', 'suggest', 'export'] as const)(
    'would notice that %s does not apply the restriction',
    async (kind) => {
      const keys = Object.fromEntries(tenants.map(({ name, secret }) => [name, { role: 'all', secret }]))
      const open = await stand.serve({ access: { roles: { all: { things: 'all' } }, keys } })
      const mutant: Ask = (path, asking) => (path.includes(`/${kind}`) ? open : api)(path, asking)
      const property = { find: finding, summarize: summarizing, suggest: suggesting, export: exporting }[kind](mutant)
      await expect(fc.assert(property as never, rounds(40, 40))).rejects.toThrow('Property failed')
    },
  )

  it('would notice a tag that is the same for all keys', async () => {
    const tags = new Map<string, Set<string | null>>()
    const mutant: Ask = async (path, asking) => {
      const known = tags.get(path) ?? new Set()
      tags.set(path, known)
      if (known.has(asking?.headers?.['if-none-match'] ?? null))
        return { ...(await api(path, asking)), status: 304, text: '' }
      const answered = await api(path, asking)
      known.add(answered.headers.get('etag'))
      return answered
    }
    await expect(fc.assert(caching(mutant), rounds(25, 25))).rejects.toThrow('Property failed')
  })
})

/** Without accents, case and width, as words are compared. */
const folded = (text: string | null): string => (text ?? '').normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** Of an export, in which a document is as PostgreSQL writes it. */
const comparableLine = (row: Row): string => JSON.stringify(Object.fromEntries(Object.entries(row).map(normal)))

const normal = ([name, value]: [string, unknown]): [string, unknown] => [
  name,
  name === 'extra' && value !== null ? Object.entries(value as object).sort() : value,
]
