import { createServer } from 'node:http'
import { Client, type ClientOptions } from '@opensearch-project/opensearch'
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { engineVersion, type MakeClient, openSearchClient } from '../../src/opensearch/client.ts'
import { searchError } from '../../src/opensearch/search-error.ts'
import { type Fault, type FaultyProxy, startFaultyProxy } from '../materializers/search/faulty-proxy.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'

describeWithSearch('openSearchClient', () => {
  let search: TestSearch
  let proxy: FaultyProxy | undefined

  beforeAll(() => {
    search = createSearch()
  })

  afterEach(() => proxy?.close())

  afterAll(() => search.close())

  /** Asks for the engine's version while the first `count` requests have a fault. */
  async function versionThrough(fault: Fault, count: number, credentials = '') {
    proxy = await startFaultyProxy(search.url, ({ at }) => (at < count ? fault : undefined))
    const url = proxy.url.replace('//', `//${credentials}`)
    const client = openSearchClient({ url, requestTimeoutMs: fault.kind === 'stall' ? 300 : 10_000 })
    return engineVersion(client).finally(() => client.close())
  }

  /** Asks an address for its version that gives one and the same answer. */
  async function versionOf(status: number, body: string) {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = openSearchClient({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}` })
    return engineVersion(client).finally(async () => {
      await client.close()
      server.close()
    })
  }

  it('knows the version of the engine', async () => {
    const version = await engineVersion(search.client)
    expect(version.distribution).toBe('opensearch')
    expect(version.number.startsWith(`${version.major}.${version.minor}.`)).toBe(true)
  })

  it('refuses Elasticsearch', async () => {
    const version = '{"version": {"number": "8.17.0", "build_flavor": "default"}}'
    await expect(versionOf(200, version)).rejects.toThrow('answers as Elasticsearch 8.17.0')
  })

  it.each([401, 403])('says what to do if the engine answers %i', async (status) => {
    await expect(versionOf(status, '"no"')).rejects.toThrow('check the name and password in OPENSEARCH_URL')
  })

  it('names the file of the certificate authority that is missing', () => {
    expect(() => openSearchClient({ url: 'https://localhost:9200', caFile: '/nowhere/ca.pem' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('/nowhere/ca.pem') }),
    )
  })

  it('reads again after a broken connection', async () => {
    expect((await versionThrough({ kind: 'cut_before' }, 2)).distribution).toBe('opensearch')
  })

  it('says where it found no engine, without the password', async () => {
    const failure = await versionThrough({ kind: 'cut_before' }, 99, 'reader:secret@').catch((error) => error)
    expect(failure).toMatchObject({ code: 'SEARCH_UNREACHABLE', details: { retryable: true } })
    expect(failure.message).toContain(new URL(proxy?.url ?? '').host)
    expect(failure.message).not.toContain('secret')
  })

  it('does not wait for an answer that stalls', async () => {
    await expect(versionThrough({ kind: 'stall' }, 99)).rejects.toMatchObject({ code: 'SEARCH_UNREACHABLE' })
  })

  it('prints nothing where a connection breaks in the middle of an answer', async () => {
    const printed = vi.spyOn(console, 'log')
    await expect(versionThrough({ kind: 'cut_answer' }, 99)).rejects.toMatchObject({ code: 'SEARCH_UNREACHABLE' })
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
  })

  describe("of the application's own making", () => {
    const signed: MakeClient = (settings) => {
      const getCredentials = async () => ({ accessKeyId: 'id', secretAccessKey: 'secret' })
      return new Client({ ...settings, ...AwsSigv4Signer({ region: 'eu-central-1', service: 'es', getCredentials }) })
    }

    it('signs its requests, keeps long integers exact, and does not wait for an answer that stalls', async () => {
      const index = `${search.prefix}signed`
      await search.client.indices.create({ index })
      await search.client.index({ index, id: '1', body: '{"n":9007199254740993}' as never, refresh: true })
      const signatures: unknown[] = []
      proxy = await startFaultyProxy(search.url, ({ at, headers }) => {
        signatures.push(headers.authorization)
        return at > 0 ? { kind: 'stall' } : undefined
      })
      const client = openSearchClient({ url: proxy.url, client: signed })
      const { body } = await client.get({ index, id: '1' })
      expect(body._source).toEqual({ n: '9007199254740993' })
      expect(signatures).toEqual([expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=id/)])
      await client.close()
      const hasty = openSearchClient({ url: proxy.url, requestTimeoutMs: 300, client: signed })
      await expect(engineVersion(hasty)).rejects.toMatchObject({ code: 'SEARCH_UNREACHABLE' })
      await hasty.close()
    })

    it.each([
      ['reads 9007199254740993 as 9007199254740992', ({ node }: ClientOptions) => new Client({ node: String(node) })],
      ['is not an OpenSearch client', () => undefined as never],
    ])('is refused if it %s', (fault, client) => {
      const opening = () => openSearchClient({ url: search.url, client })
      expect(opening).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
      expect(opening).toThrow(fault)
    })
  })

  it("gives the engine's type and reason", async () => {
    const failure = await search.client.indices.create({ index: 'UPPER' }).catch((error) => error)
    expect(searchError(failure, 'creating an index')).toMatchObject({
      code: 'SEARCH_FAILED',
      details: { status: 400, type: 'invalid_index_name_exception', retryable: false },
    })
  })
})
