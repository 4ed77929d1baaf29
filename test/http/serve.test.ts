import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutbox } from '../../src/outbox.ts'
import { createProject, type Project, type Started } from '../cli/project.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { ask } from './stand.ts'

const outbox = createOutbox({
  ItemAdded: {
    '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) },
  },
})
const secret = 'a-secret-of-the-even-items'
const find = '/read-models/item/find'

let project: Project

beforeAll(async () => {
  project = await createProject()
  await project.addItem(1, 'one')
  await project.addItem(2, 'two')
  expect(await project.cli('rebuild', '--all')).toMatchObject({ code: 0 })
  await project.write(
    'trifold.keys.mjs',
    `export default {
      access: {
        roles: { second: { item: { where: { id: 2 } } } },
        keys: { second: { role: 'second', secret: process.env.SECOND_KEY } },
      },
      limits: { rows: 5 },
      origins: ['https://shop.example'],
    }`,
  )
})
afterAll(() => project?.close())

/** A server that runs, and its address. */
async function started(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ server: Started; address: string }> {
  const server = project.start(['serve', '--port', '0', ...args], env)
  await server.whenPrinted('\n')
  return { server, address: /http:\/\/[^\s"]+/.exec(server.out())?.[0] as string }
}

describe('trifold serve', () => {
  it('serves this machine without keys, says what and where, and ends on SIGTERM with 0', async () => {
    const { server, address } = await started([])
    await server.whenPrinted('Ctrl-C ends it')
    expect(server.out()).toBe(
      `serves item at ${address} to this machine only, without keys\n${address}/explore shows them in a browser\n${address}/console shows operators how the targets are\n${address}/openapi.json describes it; Ctrl-C ends it\n`,
    )
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await ask(address + find, { body: {} })).json.rows).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ])
    expect((await ask(`${address}/`)).text).toContain('<a href="/explore/item">')
    expect(await ask(`${address}/nothing`)).toMatchObject({ status: 404, json: { code: 'REQUEST_INVALID' } })
    expect(await ask(`${address}/%zz`)).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, err: 'SIGTERM: finishing what is under way\n' })
  })

  it('answers what is under way when it is asked to end', async () => {
    const { server, address } = await started([])
    const holder = await project.database.pool.connect()
    await holder.query('begin; lock table public.item__table')
    const late = ask(address + find, { body: {} })
    await waitForLockWaiters(project.database.pool, 1)
    server.child.kill('SIGTERM')
    await holder.query('rollback')
    holder.release()
    expect((await late).status).toBe(200)
    expect(await server.ended).toMatchObject({ code: 0 })
  })

  it('serves keys, with their limits and origins, and never prints a secret', async () => {
    const args = ['--json', '--host', '0.0.0.0', '--api', `${project.folder}/trifold.keys.mjs`]
    const { server, address } = await started(args, { SECOND_KEY: secret })
    const said = JSON.parse(server.out())
    expect(said).toEqual({
      kind: 'api.serves',
      address,
      readModels: ['item'],
      keys: ['second'],
      pages: `${address}/explore`,
      console: `${address}/console`,
    })
    const local = address.replace('0.0.0.0', '127.0.0.1')
    expect((await ask(local + find)).status).toBe(401)
    const found = await ask(local + find, { key: secret, headers: { origin: 'https://shop.example' } })
    expect(found.json.rows).toEqual([{ id: 2, name: 'two' }])
    expect(found.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    const elsewhere = await ask(local + find, { key: secret, headers: { origin: 'https://evil.example' } })
    expect(elsewhere.headers.get('access-control-allow-origin')).toBe(null)
    const preflight = await ask(local + find, { method: 'OPTIONS', headers: { origin: 'https://shop.example' } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Trifold-Token')
    expect((await ask(local + find, { key: secret, body: { limit: 6 } })).json).toMatchObject({ limit: 'rows' })
    server.child.kill('SIGINT')
    expect(await server.ended).toMatchObject({ code: 0, err: '' })
    expect(server.out() + server.err()).not.toContain(secret)
  })

  it('shows a browser its own write: it waits for the token of the header, and hands it back', async () => {
    const worker = project.start(['worker', '--json'])
    const { server, address } = await started([])
    await worker.whenObserved('worker.started')
    const token = await write(3, 'three')
    const { status, json, headers } = await ask(address + find, { body: {}, headers: { 'trifold-token': token } })
    expect([status, json.rows.at(-1), headers.get('trifold-token')]).toEqual([200, { id: 3, name: 'three' }, token])
    const exported = await ask(`${address}/read-models/item/export`, { headers: { 'trifold-token': token } })
    expect([exported.text, exported.headers.get('trifold-token')]).toEqual([expect.stringContaining('3,three'), token])
    worker.child.kill('SIGTERM')
    await worker.ended
    const later = await write(4, 'four')
    const both = { body: { after: token, timeout: '50ms' }, headers: { 'trifold-token': later } }
    const late = await ask(address + find, both)
    expect(late).toMatchObject({ status: 503, json: { code: 'WAIT_TIMEOUT' } })
    expect(late.headers.get('retry-after')).toBe('1')
    expect(await ask(address + find, { headers: { 'trifold-token': 'x' } })).toMatchObject({ status: 400 })
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0 })
  })

  it('answers no page whose name leads to this machine, as long as there are no keys', async () => {
    const { server, address } = await started([])
    const { port } = new URL(address)
    const asking = request({ host: '127.0.0.1', port, path: '/read-models', headers: { host: 'evil.example' } }).end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(403)
    response.resume()
    server.child.kill('SIGTERM')
    await server.ended
  })

  it.each<[string, string[], string, RegExp]>([
    [
      'another address without keys',
      ['--host', '0.0.0.0'],
      '',
      /without keys it listens on loopback only, not on 0\.0\.0\.0/,
    ],
    [
      'an address that it cannot have',
      ['--host', '192.0.2.1', '--api', 'x.mjs'],
      keys("'x'.repeat(20)"),
      /cannot listen on 192\.0\.2\.1/,
    ],
    ['a file that is not there', ['--api', 'gone.mjs'], '', /gone\.mjs does not exist; correct --api/],
    ['a file that does not compile', ['--api', 'x.mjs'], 'export default {', /\.mjs cannot be loaded/],
    ['a file of something else', ['--api', 'x.mjs'], 'export default {}', /\.mjs has no `access`/],
    ['an unknown setting', ['--api', 'x.mjs'], "export default { access: 'open', cors: 1 }", /unknown key `cors`/],
    ['any origin', ['--api', 'x.mjs'], "export default { access: 'open', origins: ['*'] }", /`origins` has "\*"/],
    ['an empty grant', ['--api', 'x.mjs'], keys("'x'.repeat(20)", '{}'), /roles\.r\.item: .*got neither/],
    ['a secret that is not set', ['--api', 'x.mjs'], keys('process.env.NOT_SET'), /keys\.k\.secret: is missing/],
  ])('does not start with %s', async (what, args, text, message) => {
    const file = `${what.replaceAll(' ', '-')}.mjs` // a process keeps what it has imported
    if (text) await project.write(file, text)
    const absolute = args.map((one) => (one.endsWith('.mjs') ? `${project.folder}/${text ? file : one}` : one))
    const { code, err } = await project.cli('serve', '--port', '0', ...absolute)
    expect([code, err]).toEqual([1, expect.stringMatching(message)])
    expect(err).toMatch(/\[API_INVALID\]\n$/)
  })

  it('knows no port beyond 65535', async () => {
    expect(await project.cli('serve', '--port', '65536')).toMatchObject({
      code: 2,
      err: expect.stringContaining('a port is 0 to 65535'),
    })
  })
})

function keys(secretText: string, grant = "'all'"): string {
  return `export default { access: { roles: { r: { item: ${grant} } }, keys: { k: { role: 'r', secret: ${secretText} } } } }`
}

/** Adds an item with its event; gives the commit token. */
async function write(id: number, name: string): Promise<string> {
  const client = await project.database.pool.connect()
  try {
    await client.query('begin')
    await client.query('insert into public.items (id, name) values ($1, $2)', [id, name])
    const token = await outbox.append(client, [{ type: 'ItemAdded', aggregate: `item:${id}`, payload: { id, name } }])
    await client.query('commit')
    return token
  } finally {
    client.release()
  }
}
