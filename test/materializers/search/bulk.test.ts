import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TrifoldError } from '../../../src/errors.ts'
import { type BulkOptions, BulkWriter, type DocumentWrite } from '../../../src/materializers/search/bulk.ts'
import { bulkItem } from '../../../src/materializers/search/bulk-body.ts'
import { readDocuments } from '../../../src/materializers/search/documents.ts'
import { dropIndex, indexExists } from '../../../src/materializers/search/index-admin.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex, order, orders } from './order-index.ts'

describeWithSearch('BulkWriter', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  const writerOf = (index: string, options: Partial<BulkOptions> = {}) =>
    new BulkWriter(search.client, { index: writeAlias(index), ...options })

  const failureOf = (write: Promise<unknown>): Promise<TrifoldError> =>
    write.then(
      () => expect.unreachable('the write should have failed'),
      (error) => error,
    )

  it('writes every document of an iterable and of an async iterable', async () => {
    const index = await createOrderIndex(search)
    const writer = writerOf(index, { maxCount: 7 })
    expect(await writer.write(orders(100))).toMatchObject({ indexed: 100, conflicts: 0, requests: 15, retried: 0 })
    async function* later() {
      yield* orders(50, 2n)
    }
    expect(await writer.write(later())).toMatchObject({ indexed: 50, conflicts: 0 })
    const stored = await readDocuments(search.client, index, ['1', '50', '51', '100'])
    expect([...stored.values()].map((document) => document.version)).toEqual([2n, 2n, 1n, 1n])
  })

  it('writes nothing and asks nothing for an empty iterable', async () => {
    expect(await writerOf('not-even-there').write([])).toEqual({
      indexed: 0,
      conflicts: 0,
      requests: 0,
      retried: 0,
      bytes: 0,
    })
  })

  it('counts a document that stands at the same or a later version as a conflict and leaves it', async () => {
    const index = await createOrderIndex(search)
    const writer = writerOf(index)
    await writer.write([order(1, 5n, { status: 'first' }), order(2, 5n)])
    const report = await writer.write([order(1, 5n), order(2, 4n), order(3, 4n)])
    expect(report).toMatchObject({ indexed: 1, conflicts: 2 })
    const stored = await readDocuments(search.client, index, ['1'])
    expect(stored.get('1')?.source.status).toBe('first')
  })

  it('keeps versions of 63 bits exact', async () => {
    const index = await createOrderIndex(search)
    const versions = [2n ** 53n + 1n, 2n ** 62n + 12_345n, 2n ** 63n - 2n]
    await writerOf(index).write(versions.map((version, at) => order(at, version)))
    const again = await writerOf(index).write(versions.map((version, at) => order(at, version - 1n)))
    expect(again).toMatchObject({ indexed: 0, conflicts: 3 })
    const stored = await readDocuments(search.client, index, ['0', '1', '2'])
    expect([...stored.values()].map((document) => document.version)).toEqual(versions)
  })

  it('keeps to both limits of a request and sends a larger document alone', async () => {
    const index = await createOrderIndex(search)
    const sizes: number[] = []
    let before = 0
    const onProgress = ({ bytes }: { bytes: number }) => {
      sizes.push(bytes - before)
      before = bytes
    }
    const large = order(50, 1n, { number: 'x'.repeat(20_000) })
    const items = [...orders(49), large, order(51, 1n)]
    await writerOf(index, { maxBytes: 4_000, inFlight: 1, onProgress }).write(items)
    expect(sizes.filter((size) => size > 4_000)).toEqual([bulkItem(large).bytes])
    expect((await readDocuments(search.client, index, ['50', '51'])).size).toBe(2)
  })

  it('accepts a document whose JSON spans several lines', async () => {
    const index = await createOrderIndex(search)
    const source = JSON.stringify({ order_id: 1, number: 'two\nlines' }, undefined, 2)
    await writerOf(index).write([{ id: '1', version: 1n, source }])
    expect((await readDocuments(search.client, index, ['1'])).get('1')?.source.number).toBe('two\nlines')
  })

  it('names every refused document and writes all others', async () => {
    const index = await createOrderIndex(search)
    const bad: DocumentWrite[] = [
      order(1_001, 1n, { unknown_column: 1 }),
      order(1_002, 1n, { order_id: 'no number' }),
      { id: 'cut', version: 1n, source: '{"order_id":' },
      { id: 'x'.repeat(513), version: 1n, source: '{}' },
      { id: 'v', version: 'none', source: '{}' },
    ]
    const items = orders(500)
    for (const [at, item] of bad.entries()) items.splice(100 * at, 0, item)
    const failure = await failureOf(writerOf(index, { maxCount: 64 }).write(items))
    expect(failure.code).toBe('DOCUMENT_REFUSED')
    const refused = failure.details.refused as { id: string; type: string }[]
    expect(Object.fromEntries(refused.map(({ id, type }) => [id, type]))).toEqual({
      '1001': 'strict_dynamic_mapping_exception',
      '1002': 'mapper_parsing_exception',
      cut: 'mapper_parsing_exception',
      ['x'.repeat(513)]: 'action_request_validation_exception',
      v: 'json_parse_exception',
    })
    expect(failure.details.report).toMatchObject({ indexed: 500 })
    const ids = orders(500).map((item) => item.id)
    expect((await readDocuments(search.client, index, ids)).size).toBe(500)
  })

  it('names the document, the type and the reason in the message', async () => {
    const index = await createOrderIndex(search)
    const failure = await failureOf(writerOf(index).write([order(7, 1n, { order_id: 'seven' })]))
    expect(failure.message).toMatch(
      /refused document "7": mapper_parsing_exception: .*order_id.*For input string: "seven"/,
    )
    expect(failure.message).not.toMatch(/\n/)
  })

  it('says that the index is missing when it is dropped under a running write, and does not create it again', async () => {
    const index = await createOrderIndex(search)
    let dropped: Promise<boolean> | undefined
    const onProgress = () => {
      dropped ??= dropIndex(search.client, index)
    }
    function* endless() {
      for (let id = 1; ; id += 1) yield order(id, 1n)
    }
    const failure = await failureOf(writerOf(index, { maxCount: 100, onProgress }).write(endless()))
    expect(failure).toMatchObject({ code: 'SEARCH_FAILED', details: { kind: 'index_missing' } })
    expect(await dropped).toBe(true)
    expect(await indexExists(search.client, index)).toBe(false)
  })

  it('refuses to write to an index directly, past its write alias', async () => {
    const index = await createOrderIndex(search)
    const failure = await failureOf(new BulkWriter(search.client, { index }).write(orders(1)))
    expect(failure.details.kind).toBe('index_missing')
  })

  it('fails with the error of its source and lets the source release what it holds', async () => {
    const index = await createOrderIndex(search)
    let released = 0
    function* breaking(after: number) {
      try {
        for (let id = 1; id <= after; id += 1) yield order(id, 1n)
        throw new Error('the source broke')
      } finally {
        released += 1
      }
    }
    await expect(writerOf(index, { maxCount: 10 }).write(breaking(25))).rejects.toThrow('the source broke')
    const abort = new AbortController()
    const onProgress = () => abort.abort(new Error('enough'))
    const stopped = writerOf(index, { maxCount: 10, onProgress }).write(breaking(100_000), abort.signal)
    await expect(stopped).rejects.toThrow('enough')
    expect(released).toBe(2)
  })

  it('does not begin where the signal is aborted already', async () => {
    const index = await createOrderIndex(search)
    await expect(writerOf(index).write(orders(1), AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
    expect((await readDocuments(search.client, index, ['1'])).size).toBe(0)
  })
})
