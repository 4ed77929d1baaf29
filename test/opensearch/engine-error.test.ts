import { afterAll, beforeAll, expect, it } from 'vitest'
import { answerOf } from '../../src/opensearch/client.ts'
import { engineErrorOf, isPassing } from '../../src/opensearch/engine-error.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'

describeWithSearch('The error of a search', () => {
  let search: TestSearch
  let index: string

  beforeAll(async () => {
    search = createSearch()
    index = `${search.prefix}words`
    const body = { mappings: { properties: { id: { type: 'integer' }, words: { type: 'text' } } } }
    await search.client.indices.create({ index, body: body as never })
    const operations = Array.from({ length: 1_200 }, (_, id) => [{ index: {} }, { id, words: `term${id}` }]).flat()
    await search.client.bulk({ index, refresh: true, body: operations as never })
  })

  afterAll(() => search?.close())

  const failing = (body: object) => answerOf('a query', search.client.search({ index, body }))
  const like = (query: string) => ({ match: { words: { query, fuzziness: 'AUTO', max_expansions: 1_000 } } })

  it.each([
    [
      'too many words',
      { query: { match: { words: 'w '.repeat(1_100) } } },
      'too_many_clauses',
      'maxClauseCount is set',
    ],
    [
      'words that stand for too many others',
      { query: { bool: { should: [1, 2, 3, 4, 5, 6, 7, 8].map((hundred) => like(`term${hundred}00`)) } } },
      'too_many_clauses',
      'maxClauseCount is set',
    ],
    [
      'a list that is too long',
      { query: { terms: { id: Array.from({ length: 65_537 }, (_, place) => place) } } },
      'illegal_argument_exception',
      'The number of terms [65537] used in the Terms Query request has exceeded the allowed maximum of [65536]',
    ],
    ['a page that is too large', { size: 10_001 }, 'illegal_argument_exception', 'Result window is too large'],
  ])('names the cause, and that it lasts: %s', async (_, body, type, reason) => {
    await expect(failing(body)).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      message: expect.stringContaining(reason),
      details: { type, retryable: false },
    })
  })
})

it('takes the reason from wherever an answer has it', () => {
  expect(engineErrorOf(403, { message: 'not allowed' })).toEqual({
    status: 403,
    type: 'http_403',
    reason: 'not allowed',
  })
  expect(engineErrorOf(403, { Message: 'not allowed' }).reason).toBe('not allowed')
  expect(engineErrorOf(502, 'bad gateway').reason).toBe('bad gateway')
  expect(engineErrorOf(500, null).reason).toBe('no reason given')
  const caused = { type: 'outer', reason: 'failed to parse [a]', caused_by: { type: 'inner', reason: 'no number' } }
  expect(engineErrorOf(400, { error: caused })).toMatchObject({
    type: 'outer',
    reason: 'failed to parse [a]: no number',
  })
})

it('tells what passes from what lasts', () => {
  expect(isPassing({ status: 503, type: 'http_503', reason: '' })).toBe(true)
  expect(isPassing({ status: 429, type: 'any', reason: '' })).toBe(true)
  expect(isPassing({ status: 500, type: 'too_many_nested_clauses', reason: '' })).toBe(false)
  expect(isPassing({ status: 400, type: 'unavailable_shards_exception', reason: '' })).toBe(true)
})
