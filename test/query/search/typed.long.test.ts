import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RelevanceSet, relevanceSets } from '../../../bench/relevance/queries.ts'
import type { Reader } from '../../../src/query.ts'
import { describeWithSearch } from '../../support/search.ts'
import { WordIndexes } from './words.ts'

describeWithSearch('What people type', () => {
  let words: WordIndexes

  beforeAll(async () => {
    words = await WordIndexes.open()
  })
  afterAll(() => words?.close())

  const readers = new Map<RelevanceSet, Promise<Reader>>()
  const readerOf = (set: RelevanceSet): Promise<Reader> => {
    const known = readers.get(set) ?? readerOfNew(set)
    readers.set(set, known)
    return known
  }

  async function readerOfNew({ language, rows }: RelevanceSet): Promise<Reader> {
    const named = rows.map(([name, status, region], id) => ({ id, name, status, region }))
    const text = [{ column: 'name', weight: 3 }, 'status', 'region']
    return (await words.create(named, { text, language })).reader
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
