import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addressOf } from '../../packages/explorer/src/view/address.ts'
import { parseView } from '../../packages/explorer/src/view/parse.ts'
import { ViewError } from '../../packages/explorer/src/view.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { hostile } from './sales.ts'
import { type ExplorerStand, openExplorerStand } from './stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const secret = 'the-key-of-the-german-branch'
const shown = ['invoice', 'line', 'sold_at', 'country', 'category', 'title', 'quantity', 'total'] as const
const branch = {
  roles: { branch: { sales: { columns: shown, where: { country: 'Germany' } } } },
  keys: { branch: { role: 'branch', secret } },
}

describeWithSearch(`Pages of the explorer (seed ${seed})`, () => {
  let stand: ExplorerStand
  let open: string
  let keyed: string

  beforeAll(async () => {
    stand = await openExplorerStand()
    open = await stand.serve({ access: 'open' })
    keyed = await stand.serve({ access: branch })
  })
  afterAll(() => stand?.close())

  const page = async (address: string, cookie?: string) => {
    const answer = await fetch(address, cookie ? { headers: { cookie } } : {})
    return { status: answer.status, url: answer.url, headers: answer.headers, html: await answer.text() }
  }
  const signedIn = `trifold-key=${secret}`

  it('escape what a row, an address and a name hold', async () => {
    const { html, headers } = await page(`${open}/sales?q=sign&is.country=${encodeURIComponent(hostile)}&min.total=1`)
    expect(html).toContain('&lt;img src=x')
    expect(html).not.toContain('<img src=x')
    const unquoted = html.replaceAll(/"[^"]*"/g, '""')
    expect(unquoted).not.toMatch(/ (style|on\w+)="/)
    expect(unquoted.match(/<script[^>]*>./g)).toEqual(['<script type="" src=""><'])
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self';/)
    for (const path of [`/sales?${encodeURIComponent(hostile)}=1`, `/${encodeURIComponent(hostile)}`])
      expect((await page(open + path)).html).not.toContain('<img src=x')
  })

  it.each([
    ['foo=1', 'an unknown `foo`; it takes q, from,'],
    ['is.nothing=1', 'filters `nothing`, and there is no such column'],
    ['over.total=1', 'an unknown `over.total`'],
    ['from=cloud', '`from` of the address is `cloud`; it takes table, view, search'],
    ['from=table&from=view', 'says `from` twice'],
    ['sort=-nothing', 'names `nothing`'],
    ['by=tags:month', '`by` of the address is `tags:month`'],
    ['show=sum:title', '`show` of the address is `sum:title`'],
    ['row=INV-1000', '`row` of the address is no key; it takes invoice, line'],
  ])('refuse the address %s, with the reason', async (address, reason) => {
    const { status, html } = await page(`${open}/sales?${address}`)
    expect(status).toBe(400)
    expect(textOf(html)).toContain(reason)
  })

  it('say what a target cannot answer, and lead to the one that can', async () => {
    const refused = await page(`${open}/sales?q=heart&from=table`)
    expect(refused.status).toBe(422)
    expect(textOf(refused.html)).toContain('sales@table has no full text; ask sales@search')
    expect(refused.html).toContain('href="/explore/sales?q=heart&amp;from=search"')
    const wrong = await page(`${open}/sales?min.total=ten`)
    expect([wrong.status, textOf(wrong.html)]).toEqual([400, expect.stringContaining('QUERY_INVALID')])
  })

  it('ask for a key, keep it in a cookie that no script reads, and forget it', async () => {
    const asked = await page(`${keyed}/sales?is.title=x`)
    expect(new URL(asked.url).pathname).toBe('/explore/-/sign-in')
    expect(asked.html).toContain('name="to" value="/explore/sales?is.title=x"')
    const send = (key: string, headers: Record<string, string> = {}, to = '/explore/sales') =>
      fetch(`${keyed}/-/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams({ key, to }),
      })
    expect((await send('not the key')).status).toBe(401)
    expect((await send(secret, { 'sec-fetch-site': 'cross-site' })).status).toBe(401)
    expect((await send(secret, {}, '//evil.example')).headers.get('location')).toBe('/explore')
    const taken = await send(secret)
    expect(taken.headers.get('location')).toBe('/explore/sales')
    expect(taken.headers.get('set-cookie')).toBe(`${signedIn}; Path=/; HttpOnly; SameSite=Lax`)
    expect((await page(`${keyed}/sales`, signedIn)).html).toContain('Sign out')
    const left = await fetch(`${keyed}/-/sign-out`, { method: 'POST', redirect: 'manual' })
    expect(left.headers.get('set-cookie')).toContain('Max-Age=0')
  })

  const columns = [...shown, 'note', 'tags', 'price', 'gift', 'shipped_on']
  const foreign = ['France', 'Japan', 'Chile', 'Österreich', 'United Kingdom', 'neighbour', '>wood<', 'Gift']
  const column = fc.constantFrom(...columns)
  const value = fc.constantFrom(
    'Germany',
    'x',
    '',
    'Lights',
    '5',
    '2025-06-01',
    'INV-1001',
    'yes',
    'no',
    'true',
    'lantern',
    'deliver',
  )
  const filter = fc.tuple(fc.constantFrom('is', 'not', 'empty', 'min', 'max', 'begins', 'within'), column, value)
  const term = fc.oneof(
    filter.map(([name, on, given]) => [`${name}.${on}`, given]),
    fc.tuple(fc.constantFrom('q', 'from', 'view', 'cursor', 'page', 'row', 'open', 'column', 'chart'), value),
    fc.tuple(fc.constantFrom('column', 'open', 'by', 'sort', 'chart'), column),
    fc.tuple(
      fc.constant('show'),
      column.map((name) => `sum:${name}`),
    ),
    fc.constantFrom(
      ['view', 'pivot'],
      ['from', 'search'],
      ['from', 'view'],
      ['by', 'country'],
      ['by', 'sold_at:month'],
      ['q', 'lantern'],
    ),
  )
  const address = fc
    .array(term, { maxLength: 5 })
    .map((terms) => `/sales?${new URLSearchParams(terms as [string, string][])}`)

  /** No page of the branch shows a row or a column that is not its own, whatever the address says. */
  const keepsToItself = (home: string) =>
    fc.asyncProperty(address, async (path) => {
      const { status, html } = await page(home + path, signedIn)
      expect([200, 400, 422]).toContain(status)
      const text = html.replaceAll(/ (value|href|data-terms)="[^"]*"/g, '')
      expect(foreign.filter((word) => text.includes(word))).toEqual([])
      expect(Number(/<b>(\d+)<\/b> row/.exec(html)?.[1] ?? 0)).toBeLessThanOrEqual(33)
    })

  it('of a key show its rows and columns only, whatever the address says', async () => {
    process.stderr.write(`test/explorer/pages: TRIFOLD_TEST_SEED=${seed}\n`)
    await fc.assert(keepsToItself(keyed), { seed, numRuns: fewOrMany(40, 1_000), endOnFailure: true })
  })

  it('would notice a page that is not restricted', async () => {
    await expect(fc.assert(keepsToItself(open), { seed, numRuns: 20 })).rejects.toThrow('Property failed')
  })

  it('keep a view in its address: what is read from it is written again', async () => {
    const entry = { columns: columns.map((name) => ({ name })) } as never
    const writtenOf = (path: string): string | undefined => {
      try {
        return addressOf(parseView(new URL(path, 'http://localhost').searchParams, entry))
      } catch (error) {
        if (error instanceof ViewError) return undefined
        throw error
      }
    }
    const property = fc.property(address, (path) => {
      const written = writtenOf(path)
      fc.pre(written !== undefined)
      expect(writtenOf(`/sales${written}`)).toBe(written)
    })
    fc.assert(property, { seed, numRuns: 500 })
  })
})

/** What a reader sees of a page. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
