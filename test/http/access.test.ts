import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiAccess, ApiLimits } from '../../packages/http/src/index.ts'
import type { Row } from '../../src/encoding.ts'
import { randomThings } from '../query/catalog.ts'
import { matching } from '../query/oracle.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { describeWithSearch } from '../support/search.ts'
import { ApiStand, asGet } from './stand.ts'

const rows = randomThings(11, 120)
const find = '/read-models/things/find'

const north = { columns: ['region', 'id', 'status', 'total'], where: { region: 'north' } }
const access = {
  roles: { north: { things: north }, analyst: { things: 'all' } },
  keys: {
    north: { role: 'north', secret: 'a-secret-of-the-north' },
    anna: { role: 'analyst', secret: 'a-secret-of-the-analyst' },
  },
} satisfies ApiAccess
const { north: tenant, anna } = access.keys

describeWithSearch('Access to the API', () => {
  let stand: ApiStand
  let api: Awaited<ReturnType<ApiStand['serve']>>

  beforeAll(async () => {
    stand = await ApiStand.open(rows)
    api = await stand.serve({ access })
  })
  afterAll(() => stand?.close())

  it('asks for a key, and does not tell a wrong one from another wrong one', async () => {
    for (const path of ['/read-models', '/openapi.json', find, '/read-models/things/export', '/read-models/nothing']) {
      const without = await api(path)
      expect(without).toMatchObject({ status: 401, json: { code: 'ACCESS_DENIED' } })
      expect(without.headers.get('www-authenticate')).toBe('Bearer')
      expect((await api(path, { key: `${tenant.secret}x` })).status).toBe(401)
      expect((await api(path, { headers: { authorization: tenant.secret } })).status).toBe(401)
    }
    expect((await api(find, { key: anna.secret, body: { limit: 1_000 } })).json.rows).toHaveLength(rows.length)
  })

  it('shows a role its rows and columns, whatever it asks for', async () => {
    const ofNorth = matching(rows, { region: 'north' })
    const { json } = await api(find, { key: tenant.secret, body: { limit: 1_000, total: true } })
    expect(json.total).toBe(ofNorth.length)
    expect(new Set(json.rows.flatMap(Object.keys))).toEqual(new Set(north.columns))
    const widened = { where: { or: [{ region: 'South' }, { not: { region: 'north' } }] }, total: true }
    expect((await api(find, { key: tenant.secret, body: widened })).json).toMatchObject({ rows: [], total: 0 })
    const hidden = await api(find, { key: tenant.secret, body: { where: { name: 'a' } } })
    expect(hidden).toMatchObject({ status: 400, json: { code: 'QUERY_INVALID' } })
    expect(hidden.text).toContain('its columns are region, id, status, total')
    const suggested = await api('/read-models/things/suggest', {
      key: tenant.secret,
      body: { text: 'pa', from: 'search' },
    })
    const paid = { text: 'paid', count: matching(rows, { region: 'north', status: 'paid' }).length }
    expect(suggested.json.suggestions[0]).toEqual(paid)
    const exported = await api('/read-models/things/export', { key: tenant.secret })
    expect(exported.text.split('\r\n')).toHaveLength(ofNorth.length + 2)
    expect(exported.text.split('\r\n')[0]).toBe('region,id,status,total')
    const entry = (await api('/read-models', { key: tenant.secret })).json.readModels[0]
    expect(entry.columns.map((column: { name: string }) => column.name)).toEqual(north.columns)
    const document = (await api('/openapi.json', { key: tenant.secret })).text
    for (const column of ['quantity', 'changed_at', 'reference']) expect(document).not.toContain(column)
  })

  it('says of a read model that a role does not read what it says of one that is not there', async () => {
    const other = await stand.serve({
      access: { ...access, roles: { ...access.roles, north: { things: north } } },
    })
    const { json } = await other('/read-models/others/find', { key: tenant.secret })
    expect(json.detail).toBe('http: there is no read model "others" (there are: things)')
  })

  it('does not show what a role loses by a migration, nor what its restriction says', async () => {
    const fixed = { things: { columns: ['region', 'id'], where: { region: 'north' } as Row } }
    const broken = await stand.serve({
      access: { roles: { r: fixed }, keys: { k: { role: 'r', secret: 's'.repeat(20) } } },
    })
    fixed.things.where = { gone_column: 1 } // as a definition that has lost the column
    const answered = await broken(find, { key: 's'.repeat(20), body: {} })
    expect(answered).toMatchObject({ status: 500, json: { code: 'API_INVALID' } })
    expect(answered.text).not.toMatch(/gone_column|quantity/)
  })

  describe('refuses to start with', () => {
    const secret = 'x'.repeat(20)
    const keys = { k: { role: 'r', secret } }
    const roles = (grant: unknown) => ({ roles: { r: { things: grant } }, keys })
    it.each<[string, unknown, RegExp]>([
      ['nothing', undefined, /access: must be 'open', or have `roles` and `keys`/],
      ['an empty grant', roles({}), /roles\.r\.things: .*`columns`, `where` or both, and got neither/],
      ['an empty condition', roles({ where: {} }), /roles\.r\.things: .*is empty/],
      ['a condition that got lost', roles({ where: { region: undefined } }), /roles\.r\.things: .*undefined/],
      ['an unknown column', roles({ where: { tenant: 1 } }), /roles\.r\.things: .*no column tenant/],
      ['a column that is hidden but a key', roles({ columns: ['region'] }), /roles\.r\.things: .*cannot hide id/],
      ['a grant of another kind', roles('everything'), /roles\.r\.things: must be all/],
      ['an undefined grant', roles(undefined), /roles\.r\.things: must be all/],
      [
        'an unknown read model',
        { roles: { r: { thing: 'all' } }, keys },
        /roles\.r\.thing: there is no such read model/,
      ],
      ['a role of nothing', { roles: { r: {} }, keys }, /roles\.r: is empty/],
      ['a key of no role', { roles: { s: { things: 'all' } }, keys }, /keys\.k: there is no role r/],
      ['no keys', { roles: { r: { things: 'all' } }, keys: {} }, /keys: there are none/],
      [
        'a short secret',
        { ...roles('all'), keys: { k: { role: 'r', secret: 'short' } } },
        /keys\.k\.secret: must be 20/,
      ],
      [
        'a secret that is not set',
        { ...roles('all'), keys: { k: { role: 'r', secret: undefined } } },
        /keys\.k\.secret/,
      ],
      ['one secret twice', { ...roles('all'), keys: { k: keys.k, l: keys.k } }, /keys\.l: has the secret of k/],
      ['a slip of the pen', { ...roles('all'), key: keys }, /has no key "key"/],
    ])('%s', async (_, given, message) => {
      const serving = stand.serve({ access: given as ApiAccess })
      await expect(serving).rejects.toMatchObject({ code: 'API_INVALID', message: expect.stringMatching(message) })
      await serving.catch((error: Error) => expect(error.message).not.toContain(secret))
    })

    it.each<[ApiLimits, RegExp]>([
      [{ rows: 10_001 }, /cannot use 10001 as limit `rows`/],
      [{ body: '1XB' as '1MB' }, /cannot use "1XB" as limit `body`/],
      [{ row: 1 } as ApiLimits, /has no limit `row`; it has body, depth, rows/],
    ])('the limits %o', async (limits, message) => {
      await expect(stand.serve({ access: 'open', limits })).rejects.toThrow(message)
    })
  })

  describe('within limits', () => {
    let limited: typeof api
    beforeAll(async () => {
      const limits: ApiLimits = { body: 2_000, depth: 8, rows: 20, groups: 5, time: '2s', wait: '1s', exports: 1 }
      limited = await stand.serve({ access: 'open', limits })
    })
    const nested = (depth: number) => `{"where":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

    it.each<[string, unknown, string, number]>([
      ['body', { where: { name: 'x'.repeat(2_000) } }, 'find', 413],
      ['depth', nested(9), 'find', 400],
      ['rows', { limit: 21 }, 'find', 400],
      ['groups', { limit: 6 }, 'summarize', 400],
      ['time', { deadline: '3s' }, 'find', 400],
      ['hold', { hold: '1m' }, 'find', 400],
      ['wait', { timeout: '1001ms' }, 'summarize', 400],
      ['wait', { timeout: '1001ms' }, 'export', 400],
    ])('refuses what exceeds `%s` (%o) and names it', async (limit, body, kind, status) => {
      const posted = await limited(`/read-models/things/${kind}`, { body })
      expect(posted).toMatchObject({ status, json: { code: 'LIMIT_EXCEEDED', limit } })
      expect(posted.json.detail).toContain(`the limit \`${limit}\` is `)
      const json = typeof body === 'string' ? body : JSON.stringify(body)
      const got = await limited(`/read-models/things/${kind}?request=${encodeURIComponent(json)}`)
      expect(got.json).toMatchObject({ code: 'LIMIT_EXCEEDED', limit })
    })

    it('answers at the limit, and with fewer rows than a page has by default', async () => {
      expect((await limited(find, { body: { limit: 20, deadline: '2s' } })).json.rows).toHaveLength(20)
      expect((await limited(find, { body: {} })).json.rows).toHaveLength(20)
      expect((await limited('/read-models/things/summarize', { body: { group: 'id' } })).json.groups).toHaveLength(5)
      expect((await limited(find, { body: nested(8) })).json.code).toBe('QUERY_INVALID')
    })

    it('ends what takes longer, and runs one export at a time', async () => {
      const holder = await stand.database.pool.connect()
      await holder.query('begin; lock table names.things__table')
      const late = await limited(find, { body: { deadline: '200ms', from: 'table' } })
      expect(late).toMatchObject({ status: 503, json: { code: 'READ_TIMEOUT' } })
      expect(late.headers.get('retry-after')).toBe('1')
      const held = limited('/read-models/things/export')
      await waitForLockWaiters(stand.database.pool, 1)
      const refused = await limited(asGet('/read-models/things/export', {}))
      expect(refused).toMatchObject({ status: 429, json: { code: 'LIMIT_EXCEEDED', limit: 'exports' } })
      await holder.query('rollback')
      holder.release()
      expect((await held).status).toBe(200)
      expect((await limited('/read-models/things/export')).status).toBe(200)
    })
  })
})
