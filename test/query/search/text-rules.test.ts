import { afterAll, beforeAll, expect, it } from 'vitest'
import { changedSettings } from '../../../src/drift.ts'
import { indexSettings } from '../../../src/materializers/search/mapping.ts'
import type { Find, Reader } from '../../../src/query.ts'
import type { TextRules } from '../../../src/read-model/text-rules.ts'
import { describeWithSearch } from '../../support/search.ts'
import { WordIndexes } from './words.ts'

describeWithSearch('How words are looked for', () => {
  let words: WordIndexes
  beforeAll(async () => {
    words = await WordIndexes.open()
  })
  afterAll(() => words?.close())

  const names = [
    'television set',
    'TV stand',
    'sofa',
    'Couch table',
    'lamp',
    'lamps',
    'damp cloth',
    'printer',
    'printing',
  ]
  const readerWith = async (rules: TextRules): Promise<Reader> =>
    (
      await words.create(
        names.map((name, id) => ({ id, name })),
        rules,
      )
    ).reader
  const found = async (reader: Reader, text: Find['text'], more: Partial<Find> = {}) =>
    (await reader.find({ text, ...more } as Find)).rows.map(({ name }) => name)

  const synonyms = [
    ['tv', 'television set', 'telly'],
    ['Sofa', 'couch'],
  ]

  it('is by synonyms in both directions, of one word and of several, the word itself first', async () => {
    const reader = await readerWith({ synonyms })
    expect(await found(reader, 'tv')).toEqual(['TV stand', 'television set'])
    expect(await found(reader, 'television set')).toEqual(['television set', 'TV stand'])
    expect((await found(reader, 'TELLY')).toSorted()).toEqual(['TV stand', 'television set'])
    expect(await found(reader, 'telly stand')).toEqual(['TV stand'])
    expect(await found(reader, 'couch')).toEqual(['Couch table', 'sofa'])
    expect(await found(reader, { query: 'sofa', typos: false, prefix: false })).toEqual(['sofa', 'Couch table'])
  })

  it('is without synonyms for what stands in quotes, for a part of their words, and for what somebody is typing', async () => {
    const reader = await readerWith({ synonyms })
    expect(await found(reader, '"sofa"')).toEqual(['sofa'])
    expect(await found(reader, { query: 'television', typos: false })).toEqual(['television set'])
    expect((await reader.suggest({ text: 'sof' })).suggestions).toEqual([{ text: 'sofa', count: 2 }])
    expect(await found(await readerWith({}), 'sofa')).toEqual(['sofa'])
  })

  it('takes as many synonyms as a configuration may have', async () => {
    const list = Array.from({ length: 20 }, (_, one) => `word${one} of a long list`)
    const reader = await readerWith({ synonyms: [['lamp', ...list]] })
    expect(await found(reader, { query: 'lamp', typos: false, prefix: false })).toEqual(['lamp'])
    expect(await found(reader, Array(20).fill('lamp').join(' '))).toContain('lamp')
  })

  it('forgives as many edits as the target says', async () => {
    const one = await readerWith({ typos: { edits: 1 } })
    expect(await found(one, { query: 'pritner', prefix: false })).toEqual(['printer'])
    expect(await found(one, { query: 'pritnre', prefix: false })).toEqual([])
    expect(await found(await readerWith({}), { query: 'pritnre', prefix: false })).toEqual(['printer'])
    expect(await found(await readerWith({ typos: { edits: 0 } }), { query: 'pritner', prefix: false })).toEqual([])
  })

  it('forgives the first letter unless the target says otherwise', async () => {
    expect(await found(await readerWith({}), { query: 'brinter', prefix: false })).toEqual(['printer'])
    expect(await found(await readerWith({ typos: { firstLetter: true } }), 'brinter')).toEqual([])
  })

  it('forgives only while few rows have the words themselves, in rows, totals and groups alike', async () => {
    const reader = await readerWith({ typos: { below: 2 } })
    const where = { id: { ne: 5 } } as never
    expect((await found(reader, 'lamp')).toSorted()).toEqual(['lamp', 'lamps'])
    expect((await found(reader, { query: 'lamp', prefix: false }, { where })).toSorted()).toEqual(['lamp'])
    expect(await found(reader, { query: 'lampx', prefix: false }, { where })).toEqual(['lamp'])
    expect((await reader.find({ text: 'lamp', total: true })).total).toBe(2)
    expect((await reader.summarize({ text: 'lamp' })).groups[0]?.count).toBe(2)
    const always = await readerWith({})
    expect((await always.summarize({ text: 'lamp' })).groups[0]?.count).toBeGreaterThanOrEqual(2)
  })

  it('needs no rebuild to be changed', () => {
    const built = indexSettings({ text: ['name'] })
    expect(changedSettings(built, indexSettings({ text: ['name'], synonyms, typos: { edits: 1 } }))).toBeUndefined()
    expect(changedSettings(built, indexSettings({ text: ['name'], language: 'english' }))).toMatch(/`text`/)
  })
})
