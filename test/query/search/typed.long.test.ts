import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RelevanceSet, relevanceSets } from '../../../bench/relevance/queries.ts'
import { indexBody, indexColumns } from '../../../src/materializers/search/mapping.ts'
import { indexReader } from '../../../src/query/search.ts'
import type { Reader } from '../../../src/query.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createThingsTable, type Things } from '../things.ts'

describeWithSearch('What people type', () => {
  let things: Things
  let search: TestSearch

  beforeAll(async () => {
    things = await createThingsTable([])
    search = createSearch()
  })
  afterAll(async () => {
    await search?.close()
    await things?.close()
  })

  const readers = new Map<RelevanceSet, Promise<Reader>>()
  const readerOf = (set: RelevanceSet): Promise<Reader> => {
    const known = readers.get(set) ?? readerOfNew(set)
    readers.set(set, known)
    return known
  }

  async function readerOfNew({ language, rows }: RelevanceSet): Promise<Reader> {
    const index = `${search.prefix}relevance-${language}`
    const text = searchedColumns({ text: [{ column: 'name', weight: 3 }, 'status', 'region'], language })
    await search.client.indices.create({ index, body: indexBody(indexColumns(things.definition), { text }) as never })
    const body = rows.flatMap(([name, status, region], id) => [
      { index: { _id: String(id) } },
      { region, id, name, status, changed_at: '2024-01-01T00:00:00.000000Z' },
    ])
    await search.client.bulk({ index, refresh: true, body: body as never })
    return indexReader(search.client, { index, definition: things.definition, target: 'things@search', text })
  }

  test('finds the row that is wanted among the first three for nine of ten queries of each language', async () => {
    const asked = relevanceSets.reduce((sum, { queries }) => sum + queries.length, 0)
    expect(asked).toBeGreaterThanOrEqual(150)
    for (const set of relevanceSets) {
      const reader = await readerOf(set)
      const missed: string[] = []
      for (const [typed, wanted] of set.queries) {
        const { rows } = await reader.find({ text: typed, limit: 3 })
        if (!rows.some(({ id }) => Number(id) === wanted)) missed.push(typed)
      }
      expect(missed.length / set.queries.length, `${set.language}: ${missed.join(', ')}`).toBeLessThanOrEqual(0.1)
    }
  })

  test('shows no row that only comes near a word above one that has it', async () => {
    for (const set of relevanceSets) {
      const reader = await readerOf(set)
      for (const word of new Set(set.rows.flatMap(([title]) => wordsIn(title)).filter(({ length }) => length > 2))) {
        const { rows } = await reader.find({ text: word, limit: 50 })
        const have = rows.map(({ name, status, region }) => wordsIn(`${name} ${status} ${region}`).includes(word))
        expect(have, `${set.language}: ${word}`).toEqual(have.toSorted((one, other) => Number(other) - Number(one)))
        expect(have[0], `${set.language}: ${word}`).toBe(true)
      }
    }
  })
})

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
