import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { randomThings } from '../query/catalog.ts'
import { matching } from '../query/oracle.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { anyHostile, type Hostile } from './hostile.ts'
import { ApiStand, ask } from './stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const count = fewOrMany(300, 12_000)
const atOnce = 8

/** In the rows of the other tenant, before and behind all other values, and in a column that nobody reads. */
const canary = 'canary7f3a'
const secret = 'the-secret-of-the-north'
const columns = ['region', 'id', 'name', 'status', 'quantity', 'tags']

describeWithSearch(`Hostile requests (seed ${seed})`, () => {
  const others: Row[] = ['\u{1}', '\u{10FFFD}'].map((edge, place) => ({
    region: 'South',
    id: 3_000 + place,
    name: `${edge}${canary}`,
    status: `${edge}${canary}`,
    quantity: 424_242,
    changed_at: '2026-01-01T00:00:00.000000Z',
    tags: [canary],
    extra: { canary },
  }))
  const hidden: Row = { ...others[0], region: 'north', name: 'seen', status: 'seen', tags: null } as Row
  const rows = [...randomThings(seed, 150), ...others, { ...hidden, quantity: 1, id: 4_000 }]
  let stand: ApiStand
  let address: URL

  beforeAll(async () => {
    process.stderr.write(`test/http/hostile: TRIFOLD_TEST_SEED=${seed}\n`)
    stand = await ApiStand.open(rows)
    const restriction = { columns, where: { region: 'north' } }
    address = new URL(
      await stand.listen({
        access: { roles: { north: { things: restriction } }, keys: { north: { role: 'north', secret } } },
        limits: { exports: 2 * atOnce },
      }),
    )
  })
  afterAll(() => stand?.close())

  async function send({ method, path, headers, body }: Hostile): Promise<{ status: number; text: string }> {
    const asking = request({
      agent: false, // a connection of its own: the server may close one whose body it does not want
      host: address.hostname,
      port: address.port,
      method,
      path: `${address.pathname}${path}`,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    })
    // It may answer, and close, before it has read all.
    asking.on('error', () => {})
    asking.end(body)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return { status: response.statusCode as number, text: Buffer.concat(chunks).toString() }
  }

  const inside = [
    new URL(inject('openSearchUrl')).host,
    new RegExp(`${new URL(inject('databaseUrl')).port}\\b`),
    /\bselect\b.*\bfrom\b/i,
    /\bat .*\.(ts|js):\d+/,
    /node_modules|names\.|trifold\.(things|windows|generations)|things__/,
    /syntax error|search_phase|illegal_argument|_shards/,
  ]

  function judge(hostile: Hostile, { status, text }: { status: number; text: string }): void {
    const passes = status === 503 && /"code":"(READ_TIMEOUT|WAIT_TIMEOUT)"/.test(text)
    expect(status < 500 || passes, `${status} ${text}`).toBe(true)
    expect(text).not.toContain(canary)
    expect(text).not.toContain('424242')
    if (status < 400) return
    const asked = `${decoded(hostile.path)} ${hostile.body?.toString() ?? ''} ${Object.values(hostile.headers)}`
    for (const sign of inside)
      if (!new RegExp(sign, 'i').test(asked)) expect(text, `${status} names what is inside`).not.toMatch(sign)
    for (const name of ['changed_at', 'reference', 'distance'])
      if (!asked.includes(name) && status !== 404) expect(text, 'names a hidden column').not.toContain(name)
  }

  async function expectAnswers(): Promise<void> {
    const { status, json } = await ask(`${address.href}/read-models/things/find`, {
      key: secret,
      body: { limit: 1_000 },
    })
    expect(status).toBe(200)
    expect(json.rows).toHaveLength(matching(rows, { region: 'north' }).length)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  }

  it(`gets no 500, nothing of another tenant and nothing from inside, ${count} times`, async () => {
    const requests = fc.sample(anyHostile, { seed, numRuns: count })
    const statuses = new Map<number, number>()
    for (let from = 0; from < requests.length; from += atOnce) {
      await Promise.all(
        requests.slice(from, from + atOnce).map(async (one) => {
          const answered = await send(one).catch((error) => {
            throw new Error(`no answer to ${JSON.stringify({ ...one, body: one.body?.toString().slice(0, 300) })}`, {
              cause: error,
            })
          })
          statuses.set(answered.status, (statuses.get(answered.status) ?? 0) + 1)
          try {
            judge(one, answered)
          } catch (error) {
            const shown = JSON.stringify({ ...one, body: one.body?.toString().slice(0, 1_000) })
            throw new Error(`${shown}: ${(error as Error).message}`, { cause: error })
          }
        }),
      )
      if (from % 200 === 0) await expectAnswers()
    }
    await expectAnswers()
    process.stderr.write(`test/http/hostile: ${JSON.stringify(Object.fromEntries(statuses))}\n`)
    expect(statuses.get(200), 'some of them are right').toBeGreaterThan(count / 50)
  })

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'POST /api/read-models HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a long header', `GET /api/read-models HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a zero in the path', 'GET /api/read-models\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('gets 4xx for %s', async (_, bytes) => {
    const socket = connect(Number(address.port), address.hostname)
    socket.on('error', () => {})
    socket.write(bytes)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /)
    await expectAnswers()
  })

  it('would notice a row of another tenant', async () => {
    const open = await stand.serve({ access: 'open' })
    const { status, text } = await open('/read-models/things/find', { body: { limit: 1_000 } })
    expect(() => judge({ method: 'POST', path: '', headers: {}, body: undefined }, { status, text })).toThrow(canary)
  })
})

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
