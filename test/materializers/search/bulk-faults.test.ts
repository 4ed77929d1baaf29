import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@opensearch-project/opensearch'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { TrifoldError } from '../../../src/errors.ts'
import { type BulkOptions, BulkWriter, type DocumentWrite } from '../../../src/materializers/search/bulk.ts'
import { readDocuments } from '../../../src/materializers/search/documents.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { openSearchClient } from '../../../src/opensearch/client.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { type Fault, type FaultyProxy, type ProxiedRequest, startFaultyProxy } from './faulty-proxy.ts'
import { createOrderIndex, order, orders } from './order-index.ts'

type Choice = (request: Omit<ProxiedRequest, 'fault'>) => Fault | undefined

describeWithSearch('BulkWriter before an engine with faults', () => {
  let search: TestSearch
  let proxy: FaultyProxy | undefined
  let client: Client | undefined

  beforeAll(() => {
    search = createSearch()
  })

  afterEach(async () => {
    await client?.close()
    await proxy?.close()
  })

  afterAll(() => search.close())

  async function through(
    choose: Choice,
    options: Partial<BulkOptions> = {},
  ): Promise<{ index: string; writer: BulkWriter; proxy: FaultyProxy }> {
    const index = await createOrderIndex(search)
    proxy = await startFaultyProxy(search.url, choose)
    client = openSearchClient({ url: proxy.url })
    const quick = { backoff: { min: 2, max: 20 }, requestTimeoutMs: 10_000 }
    return { index, writer: new BulkWriter(client, { index: writeAlias(index), ...quick, ...options }), proxy }
  }

  async function expectStored(index: string, items: readonly DocumentWrite[]): Promise<void> {
    const stored = await readDocuments(
      search.client,
      index,
      items.map((item) => item.id),
    )
    expect(stored.size).toBe(items.length)
    expect([...stored.values()].map((document) => document.version)).toEqual(items.map((item) => BigInt(item.version)))
  }

  const failureOf = (write: Promise<unknown>): Promise<TrifoldError> =>
    write.then(
      () => expect.unreachable('the write should have failed'),
      (error) => error,
    )

  const first =
    (fault: Fault): Choice =>
    ({ at }) =>
      at === 0 ? fault : undefined

  it.each<Fault>([
    { kind: 'answer', status: 429 },
    { kind: 'answer', status: 502 },
    { kind: 'answer', status: 503 },
    { kind: 'cut_before' },
    { kind: 'reject_items', status: 429, every: 3 },
    { kind: 'reject_items', status: 503, every: 1 },
  ])('sends again what the engine did not do: %j', async (fault) => {
    const { index, writer } = await through(first(fault))
    expect(await writer.write(orders(200))).toMatchObject({ indexed: 200, conflicts: 0 })
    await expectStored(index, orders(200))
  })

  it.each<Fault>([{ kind: 'cut_after' }, { kind: 'cut_answer' }])(
    'counts what the engine did without a whole answer as a conflict: %j',
    async (fault) => {
      const { index, writer } = await through(first(fault))
      expect(await writer.write(orders(200))).toMatchObject({ indexed: 0, conflicts: 200, requests: 2, retried: 200 })
      await expectStored(index, orders(200))
    },
  )

  it('does not wait for an answer that has begun and never ends', async () => {
    const { index, writer } = await through(first({ kind: 'stall' }), { requestTimeoutMs: 3_000 })
    expect(await writer.write(orders(20))).toMatchObject({ indexed: 0, conflicts: 20 })
    await expectStored(index, orders(20))
  })

  it('lets no late request of an earlier attempt undo a newer version', async () => {
    const { index, writer, proxy } = await through(first({ kind: 'delay', ms: 1_500 }), { requestTimeoutMs: 500 })
    await writer.write(orders(50, 1n))
    await writer.write(orders(50, 2n))
    await proxy.idle()
    await expectStored(index, orders(50, 2n))
  })

  it('sends again only the items that have no outcome', async () => {
    const { writer } = await through(first({ kind: 'reject_items', status: 503, every: 10 }))
    expect(await writer.write(orders(200))).toMatchObject({ indexed: 200, conflicts: 0, retried: 20, requests: 2 })
  })

  it('finds the size that a proxy lets pass, keeps to it, and refuses only the document that never passes', async () => {
    const limit = 20_000
    const { index, writer, proxy } = await through(
      ({ bytes }) => (bytes > limit ? { kind: 'answer', status: 413 } : undefined),
      { inFlight: 1 },
    )
    await writer.write(orders(2_000))
    await expectStored(index, orders(2_000))
    const tooLarge = proxy.requests.filter(({ fault }) => fault !== undefined).length
    await writer.write(orders(2_000, 2n))
    expect(proxy.requests.filter(({ fault }) => fault !== undefined).length).toBe(tooLarge)
    const huge = order(2_001, 3n, { number: 'x'.repeat(limit) })
    const failure = await failureOf(writer.write([...orders(500, 3n), huge]))
    expect(failure).toMatchObject({ code: 'DOCUMENT_REFUSED', details: { refused: [{ id: '2001', status: 413 }] } })
    await expectStored(index, orders(500, 3n))
  })

  it('halves its requests while the engine is overloaded and grows them again', async () => {
    const { writer, proxy } = await through(({ at }) => (at < 3 ? { kind: 'answer', status: 429 } : undefined), {
      inFlight: 1,
      maxBytes: 1_000_000,
    })
    await writer.write(orders(20_000))
    const sizes = proxy.requests.map(({ bytes }) => bytes)
    const [atFirst = 0, second = 0, third = 0, fourth = 0] = sizes
    for (const [smaller, larger] of [
      [second, atFirst],
      [third, second],
      [fourth, third],
    ] as const) {
      expect(smaller).toBeLessThanOrEqual(larger / 2)
    }
    expect(Math.max(...sizes.slice(4))).toBeGreaterThan(1.5 * fourth)
  })

  it('gives up after so many attempts and names the documents without an outcome', async () => {
    const { index, writer } = await through(({ at }) => (at > 0 ? { kind: 'answer', status: 503 } : undefined), {
      maxAttempts: 3,
      maxCount: 10,
      inFlight: 1,
    })
    const failure = await failureOf(writer.write(orders(25)))
    expect(failure.code).toBe('SEARCH_FAILED')
    expect(failure.message).toMatch(
      /3 attempts failed, .*http_503.*; 10 documents have no outcome, and more were not sent/,
    )
    const ids = orders(25).map((item) => item.id)
    expect(failure.details.withoutOutcome).toEqual(ids.slice(10, 20))
    expect([...(await readDocuments(search.client, index, ids)).keys()]).toEqual(ids.slice(0, 10))
  })

  it('gives up at its deadline while a request is under way', async () => {
    const { writer } = await through(() => ({ kind: 'stall' }), { deadlineMs: 100 })
    const failure = await failureOf(writer.write(orders(5)))
    expect(failure).toMatchObject({ code: 'SEARCH_FAILED', details: { retryable: true } })
    expect(failure.message).toMatch(/100 ms have passed; 5 documents have no outcome;/)
  })

  it('names the address where nothing answers', async () => {
    const { writer, proxy } = await through(() => undefined, { maxAttempts: 2 })
    await proxy.close()
    const failure = await failureOf(writer.write(orders(5)))
    expect(failure).toMatchObject({ code: 'SEARCH_FAILED', cause: { code: 'SEARCH_UNREACHABLE' } })
    expect(failure.message).toContain(proxy.url)
  })

  it('breaks requests off when it is aborted and sends no more', async () => {
    const endless = { maxCount: 10, requestTimeoutMs: 3_600_000 }
    const { writer, proxy } = await through(({ at }) => (at > 1 ? { kind: 'stall' } : undefined), endless)
    const abort = new AbortController()
    const written = writer.write(orders(1_000), abort.signal)
    while (proxy.requests.length < 4) await delay(5)
    abort.abort(new Error('stop now'))
    await expect(written).rejects.toThrow('stop now')
    await proxy.idle()
    expect(proxy.requests.length).toBe(4)
  })

  it('breaks a wait off when it is aborted', async () => {
    const slow = { backoff: { min: 60_000, max: 60_000 } }
    const { writer, proxy } = await through(() => ({ kind: 'answer', status: 503 }), slow)
    const abort = new AbortController()
    const written = writer.write(orders(10), abort.signal)
    while (proxy.requests.length === 0) await delay(5)
    abort.abort(new Error('stop waiting'))
    await expect(written).rejects.toThrow('stop waiting')
  })
})
