import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyCookie } from '../../packages/http/src/index.ts'
import { until } from '../support/until.ts'
import { access, type ConsoleStand, hostile, keys, openConsoleStand } from './stand.ts'

let stand: ConsoleStand
let keyed: string
let open: string

beforeAll(async () => {
  stand = await openConsoleStand()
  keyed = (await stand.serve(access)).address
  open = (await stand.serve('open')).address
})
afterAll(() => stand?.close())

const paths = ['/', '/targets/orders@view', '/targets/orders@view/tune', '/feed', '/parked/1', '/night', '/audit']

type Who = keyof typeof keys

const signedIn = (who: Who) => ({ cookie: `${keyCookie}=${keys[who].secret}` })

async function page(path: string, { who, from = keyed }: { who?: Who; from?: string } = {}) {
  const answer = await fetch(from + path, { headers: who ? signedIn(who) : {}, redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}

/** Posts as the form of a page does. */
async function post(path: string, who: Who | undefined, headers: Record<string, string> = {}, body = '') {
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const sent = { ...type, ...(who && signedIn(who)), ...headers }
  const answer = await fetch(keyed + path, { method: 'POST', headers: sent, body, redirect: 'manual' })
  return { status: answer.status, to: answer.headers.get('location'), html: await answer.text() }
}

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ')
const actions = () => stand.trifold.admin.audit({ limit: 500 })

/** The actions, once all have ended: a page does not wait for those that take long. */
async function ended() {
  await until('all have ended', async () => (await actions()).every(({ outcome }) => outcome !== undefined))
  return actions()
}

describe('The console', () => {
  it('has a row for each target, with its verdict, its last runs, its interval and its worker', async () => {
    const { status, html } = await page('/', { who: 'ben' })
    expect(status).toBe(200)
    const text = textOf(html)
    for (const part of ['orders@table', 'orders@view', 'totals@view', 'every 1 h', 'by events', 'lag within 6 h'])
      expect(text).toContain(part)
    expect(html).toMatch(/aria-label="Last runs: \d+ ok[^"]*1 failed"/)
    expect(html).toMatch(/waited 2\.4 s for locks/)
    expect(text).toMatch(/ben, reader times in \S+/)
  })

  it('has the runs, failures and blockers of a target in a period', async () => {
    const { status, html } = await page('/targets/orders%40view?since=7d', { who: 'ben' })
    expect(status).toBe(200)
    const text = textOf(html)
    expect(text).toMatch(/55P03, REFRESH_FAILED 2 .*canceling statement due to lock timeout/)
    expect(text).toMatch(/nightly &lt;b onclick=x>report&lt;\/b> 7\.2 s in 3 runs/)
    expect(html).toMatch(/class="bar waited"/)
    expect((await page('/targets/orders@table', { who: 'ben' })).status).toBe(200)
  })

  it('prices a schedule and another one, and changes nothing', async () => {
    const before = await stand.trifold.admin.schedules()
    const { status, html } = await page('/targets/totals@view/tune?by=every&value=20s', { who: 'ben' })
    expect(status).toBe(200)
    expect(textOf(html)).toMatch(/Schedule lag within 6 h every 20\.0 s .*Refreshes an hour [\d.]+ 180 /)
    expect(textOf(html)).toMatch(/Fits until .* \(95 %: .*Another way:/)
    expect(html).toMatch(/aria-label="A refresh reaches what fits on \d{4}-\d\d-\d\d"/)
    expect(html).not.toContain('Set this schedule')
    expect((await stand.trifold.admin.schedules()).map(({ timing }) => timing)).toEqual(
      before.map(({ timing }) => timing),
    )
    expect(textOf((await page('/targets/totals@view', { who: 'ben' })).html)).toContain('Database time an hour')
  })

  it('has the head of the feed, its consumers, what is parked, and the outbox', async () => {
    const { status, html } = await page('/feed', { who: 'ben' })
    expect(status).toBe(200)
    expect(textOf(html)).toMatch(/Head window \d+ at .*Outbox [\d.]+ \w+ in \d+ partitions.*Held by nobody/)
    expect(textOf(html)).toMatch(
      /orders@table green.* 0 events 0 ms .*OrderPlaced 2 bad:2 orders@table .*HANDLER_FAILED/,
    )
    expect(textOf((await page('/parked/1', { who: 'ben' })).html)).toContain('"customer"')
  })

  it('has the night, as a page and as text for a mail', async () => {
    const { status, html } = await page('/night', { who: 'ben' })
    expect(status).toBe(200)
    expect(textOf(html)).toMatch(/Failed (2 runs failed, the last with|a run failed): view: orders@view/)
    const text = await page('/night.txt?since=25h&time-zone=Asia/Tokyo', { who: 'ben' })
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(text.html).toMatch(/^Trifold, [\d: -]+ to [\d: -]+ \(Asia\/Tokyo\)\n/)
    expect(text.html).toMatch(/\n {2}failed {2}2 runs failed, the last with: view: orders@view/)
  })

  it.each([
    ['/night.txt?since=never', 400, '"never" is no time'],
    ['/night.txt?time-zone=Nowhere', 400, 'the time zone "Nowhere" is unknown'],
    ['/night.txt?until=now', 400, 'an unknown `until`'],
    ['/targets/nothing@view', 404, 'there is no target "nothing@view"'],
    ['/targets/orders', 404, 'there is no target "orders"'],
    [`/targets/${encodeURIComponent(hostile)}`, 404, 'there is no target'],
    ['/targets/orders@view?since=ever', 400, 'there is no such period'],
    ['/targets/orders@view?since=1h&since=2h', 400, 'there is no such period'],
    ['/targets/orders@table/tune', 400, 'orders@table is fed by events and has no schedule'],
    ['/targets/orders@view/tune?by=lag&value=1ms', 400, 'lag'],
    [`/targets/orders@view/tune?by=every&value=${encodeURIComponent(hostile)}`, 400, 'every'],
    ['/targets/orders@view/tune?by=moon&value=1h', 400, 'a schedule goes by lag, every, cron'],
    ['/targets/orders@view/tune?by=cron&value=0+3+*+*+*&time-zone=Nowhere', 400, 'Nowhere'],
    ['/parked/4711', 404, 'no parked event has the id 4711'],
    [`/parked/${encodeURIComponent(hostile)}`, 404, 'no parked event'],
  ])('answers %s with %i and a page that says why', async (path, status, reason) => {
    const answer = await page(path, { who: 'ben' })
    expect([answer.status, textOf(answer.html)]).toEqual([status, expect.stringContaining(reason)])
    expect(answer.html).not.toContain('<img src=x')
  })

  it.each(paths)('escapes what it shows on %s, and allows no script or style of the page itself', async (path) => {
    const { html, headers } = await page(path, { who: 'anna' })
    expect(html).not.toMatch(/<img src=x|<b onclick/)
    const unquoted = html.replaceAll(/"[^"]*"/g, '""')
    expect(unquoted).not.toMatch(/ (style|on\w+)="/)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self';/)
  })

  it('shows times in the zone of the browser, and no other text that a cookie has', async () => {
    const inZone = async (zone: string) => {
      const cookie = `${signedIn('ben').cookie}; trifold-zone=${zone}`
      return textOf(await (await fetch(`${keyed}/`, { headers: { cookie } })).text())
    }
    expect(await inZone('Asia/Tokyo')).toContain('times in Asia/Tokyo')
    expect(await inZone('Nowhere/<b>')).not.toContain('Nowhere')
  })
})

describe('Keys of the console', () => {
  it.each(paths)('%s asks one without a key, or with one that is not known any more, to sign in', async (path) => {
    for (const cookie of ['', `${keyCookie}=a-key-that-was-taken-out`, `${keyCookie}=%zz`]) {
      const { status, headers } = await fetch(keyed + path, { headers: { cookie }, redirect: 'manual' })
      const to = new URLSearchParams({ to: `/console${path}` })
      expect([status, headers.get('location')]).toEqual([303, `/console/-/sign-in?${to}`])
    }
    const { html } = await page('/-/sign-in')
    expect(html).toContain('Your key')
  })

  it('takes a key that opens it, and says why it takes no other', async () => {
    const send = (key: string, headers = {}) => post('/-/sign-in', undefined, headers, `key=${key}&to=/console/audit`)
    expect(await send(keys.ben.secret)).toMatchObject({ status: 303, to: '/console/audit' })
    const refused = await send('a-key-that-is-not-known')
    expect([refused.status, textOf(refused.html)]).toEqual([401, expect.stringContaining('This key is not known.')])
    const other = await send(keys.shop.secret)
    expect([other.status, textOf(other.html)]).toEqual([
      401,
      expect.stringContaining('opens the API, and not the console'),
    ])
    expect((await send(keys.ben.secret, { 'sec-fetch-site': 'cross-site' })).status).toBe(401)
  })

  it('refuses a key of the API alone with a page', async () => {
    const { status, html } = await page('/', { who: 'shop' })
    expect([status, textOf(html)]).toEqual([
      403,
      expect.stringContaining('this key opens the API, and not the console'),
    ])
  })

  it('without keys shows everything, and lets nobody act', async () => {
    const { status, html } = await page('/', { from: open })
    expect([status, textOf(html)]).toEqual([200, expect.stringContaining('Without keys this only shows')])
    expect(html).not.toContain('formaction')
    const answer = await fetch(`${open}/targets/orders@view/refresh`, { method: 'POST' })
    expect(answer.status).toBe(403)
  })

  it.each([
    [{ keys: { k: { secret: 's'.repeat(20) } } }, 'keys.k: opens nothing'],
    [{ keys: { k: { console: 'admin', secret: 's'.repeat(20) } } }, 'keys.k.console: must be reader or operator'],
  ])('refuses the access %j', async (wrong, reason) => {
    await expect(stand.serve({ roles: access.roles, ...wrong } as never)).rejects.toThrow(reason)
  })
})

describe('Actions', () => {
  it('are done for operators, and written down with the name of the key', async () => {
    expect(await post('/targets/orders%40view/refresh', 'anna', {}, 'to=/console/audit')).toMatchObject({
      status: 303,
      to: '/console/audit',
    })
    await post('/targets/orders@table/verify', 'anna')
    await post('/targets/totals@view/pause', 'anna')
    await ended()
    expect(textOf((await page('/', { who: 'ben' })).html)).toContain('paused')
    await post('/targets/totals@view/resume', 'anna')
    const done = (await ended()).map(({ actor, action, subject, outcome, detail }) =>
      outcome === 'done' ? [actor, action, subject] : [detail],
    )
    expect(done).toEqual([
      ['anna', 'resume', 'totals@view'],
      ['anna', 'pause', 'totals@view'],
      ['anna', 'verify', 'orders@table'],
      ['anna', 'refresh', 'orders@view'],
    ])
    const { html } = await page('/audit', { who: 'ben' })
    expect(textOf(html)).toMatch(/anna verify orders@table done: \d+ rows compared in/)
  })

  it('that fail say why, and are written down too', async () => {
    expect((await post('/targets/orders@table/refresh', 'anna')).status).toBe(303)
    const [last] = await ended()
    expect(last).toMatchObject({ action: 'refresh', outcome: 'failed' })
    expect(last?.detail).toMatch(/orders@table is fed by events.*\[QUERY_UNSUPPORTED\]$/)
  })

  it('cancel no refresh if none is running, and say so', async () => {
    expect((await post('/targets/orders@view/cancel', 'anna')).status).toBe(303)
    const [last] = await ended()
    expect([last?.outcome, last?.detail]).toEqual(['failed', expect.stringContaining('[REFRESH_NOT_RUNNING]')])
  })

  it('set a schedule, and give it back', async () => {
    const back = await post('/targets/orders@view/tune', 'anna', {}, 'by=every&value=45m')
    expect(back).toMatchObject({ status: 303, to: '/console/targets/orders%40view' })
    await ended()
    const timings = async () => (await stand.trifold.admin.schedules()).map(({ timing, source }) => [timing, source])
    expect(await timings()).toContainEqual([{ kind: 'every', ms: 2_700_000 }, 'operator'])
    await post('/targets/orders@view/reset', 'anna')
    await ended()
    expect(await timings()).toContainEqual([{ kind: 'every', ms: 3_600_000 }, 'config'])
    expect((await post('/targets/orders@view/tune', 'anna', {}, 'by=every')).status).toBe(400)
    expect((await post('/targets/orders@view/tune', 'ben', {}, 'by=every&value=45m')).status).toBe(403)
  })

  it('retry and discard parked events', async () => {
    const [parked] = await stand.trifold.admin.parked()
    expect((await post(`/parked/${parked?.id}/retry`, 'anna')).status).toBe(303)
    const [failed] = await ended()
    expect(failed).toMatchObject({ action: 'retry', subject: parked?.id, outcome: 'failed' })
    expect(failed?.detail).toContain(hostile)
    expect((await page('/audit', { who: 'ben' })).html).not.toContain('<img src=x')
    expect((await post('/parked/0815/retry', 'anna')).status).toBe(404)
  })

  it.each([
    ['a reader', 'ben', {}, 403, 'this key may look, and not act'],
    ['a key of the API', 'shop', {}, 403, 'opens the API'],
    ['a page of another site', 'anna', { 'sec-fetch-site': 'cross-site' }, 403, 'a page of another site'],
    ['another host of this site', 'anna', { 'sec-fetch-site': 'same-site' }, 403, 'a page of another site'],
  ] as const)('of %s are refused, and nothing is done', async (_who, who, headers, status, reason) => {
    const before = await ended()
    const answer = await post('/targets/orders@view/rebuild', who, headers)
    expect([answer.status, textOf(answer.html)]).toEqual([status, expect.stringContaining(reason)])
    expect(await ended()).toEqual(before)
  })

  it('of one who is not signed in any more lead to the sign-in', async () => {
    expect(await post('/targets/orders@view/rebuild', undefined)).toMatchObject({
      status: 303,
      to: `/console/-/sign-in?${new URLSearchParams({ to: '/console/' })}`,
    })
  })

  it('are not done by GET, nor to what there is not', async () => {
    const before = await ended()
    expect((await page('/targets/orders@view/refresh', { who: 'anna' })).status).toBe(404)
    const unknown = `/targets/${encodeURIComponent(hostile)}/rebuild`
    const answers = [await post(unknown, 'anna'), await post('/targets/orders@view/explode', 'anna')]
    expect(answers.map(({ status }) => status)).toEqual([404, 400])
    expect(answers[0]?.html).not.toContain('<img src=x')
    expect(textOf(answers[1]?.html ?? '')).toContain('there are: refresh, cancel, pause')
    const json = await post(
      '/targets/orders@view/refresh',
      'anna',
      { 'content-type': 'application/json' },
      '{"to":"x"}',
    )
    expect(json.status).toBe(303)
    expect((await ended()).length).toBe(before.length + 1)
  })

  it('lead back to no page of another site', async () => {
    for (const to of ['//evil.example', 'https://evil.example', '/console/\\evil', '/elsewhere'])
      expect(
        await post('/targets/orders@view/refresh', 'anna', {}, new URLSearchParams({ to }).toString()),
      ).toMatchObject({
        status: 303,
        to: '/console/',
      })
  })
})
