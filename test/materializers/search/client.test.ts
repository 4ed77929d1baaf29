import { afterEach, expect, it } from 'vitest'
import { engineVersion, openSearchClient } from '../../../src/materializers/search/client.ts'
import { createSearch, describeWithSearch } from '../../support/search.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'

describeWithSearch('openSearchClient', () => {
  let proxy: FaultyProxy | undefined

  afterEach(() => proxy?.close())

  it('knows the version of the engine', async () => {
    const search = createSearch()
    const version = await engineVersion(search.client)
    expect(version.distribution).toBe('opensearch')
    expect(version.number).toBe(`${version.major}.${version.minor}.${version.number.split('.')[2]}`)
    await search.close()
  })

  it('reads again after a broken connection', async () => {
    const { url } = createSearch()
    proxy = await startFaultyProxy(url, ({ at }) => (at < 2 ? { kind: 'cut_before' } : undefined))
    const client = openSearchClient({ url: proxy.url })
    expect((await engineVersion(client)).distribution).toBe('opensearch')
    await client.close()
  })

  it('says where it found no engine, without the password', async () => {
    const { url } = createSearch()
    proxy = await startFaultyProxy(url, () => ({ kind: 'cut_before' }))
    const address = new URL(proxy.url)
    address.username = 'reader'
    address.password = 'secret'
    const client = openSearchClient({ url: address.toString() })
    const failure = await engineVersion(client).catch((error) => error)
    expect(failure).toMatchObject({ code: 'SEARCH_UNREACHABLE', details: { retryable: true } })
    expect(failure.message).toContain(address.host)
    expect(failure.message).not.toContain('secret')
    await client.close()
  })

  it('does not wait for an answer that stalls, and prints nothing', async () => {
    const { url } = createSearch()
    proxy = await startFaultyProxy(url, () => ({ kind: 'stall' }))
    const client = openSearchClient({ url: proxy.url, requestTimeoutMs: 300 })
    await expect(engineVersion(client)).rejects.toMatchObject({ code: 'SEARCH_UNREACHABLE' })
    await client.close()
  })

  it("gives the engine's type and reason", async () => {
    const search = createSearch()
    const failure = await search.client.indices.create({ index: 'UPPER' }).catch((error) => error)
    const { searchError } = await import('../../../src/materializers/search/search-error.ts')
    expect(searchError(failure, 'creating an index')).toMatchObject({
      code: 'SEARCH_FAILED',
      details: { status: 400, type: 'invalid_index_name_exception', retryable: false },
    })
    await search.close()
  })
})
