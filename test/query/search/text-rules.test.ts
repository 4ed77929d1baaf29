import { afterAll, beforeAll, expect, it } from 'vitest'
import { changedSettings } from '../../../src/drift.ts'
import { indexSettings } from '../../../src/materializers/search/mapping.ts'
import { checkSearchTarget } from '../../../src/materializers/search/own-search.ts'
import { indexReader } from '../../../src/query/search.ts'
import type { Find, Reader } from '../../../src/query.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import type { TextRules } from '../../../src/read-model/text-rules.ts'
import type { SearchTarget } from '../../../src/read-model.ts'
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

  it('puts larger numbers in front of rows that come as near, and none in front of a nearer one', async () => {
    const boosts = [{ column: 'quantity', half: 100, weight: 100 }]
    const rows = [
      { id: 1, name: 'red lamp', quantity: 5 },
      { id: 2, name: 'lamp red', quantity: 5_000 },
      { id: 3, name: 'lamps red', quantity: 2 ** 31 - 1 },
      { id: 4, name: 'red lamp' },
      { id: 5, name: 'red lamp', quantity: -7 },
    ]
    const { reader, index } = await words.create(rows, { boosts })
    const ids = async (from: Reader) => (await from.find({ text: 'red lamp', limit: 9 })).rows.map(({ id }) => id)
    expect(await ids(reader)).toEqual([2, 1, 4, 5, 3])
    const hidden = ['region', 'id', 'name', 'status', 'changed_at']
    expect((await ids(reader.restricted({ columns: hidden })))[0], 'a hidden number ranks nothing').toBe(1)
    const first = await reader.find({ text: 'red lamp', limit: 2 })
    const source = {
      index,
      definition: words.things.definition,
      target: 'things@search',
      text: searchedColumns({ text: ['name'] }),
    }
    const unboosted = indexReader(words.search.client, source)
    await expect(unboosted.find({ text: 'red lamp', cursor: first.cursor! })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
  })

  it('is by an analyzer and in fields of one\u2019s own', async () => {
    const target: SearchTarget = {
      text: [{ column: 'name', analyzer: 'whole' }],
      analysis: { analyzer: { whole: { type: 'custom', tokenizer: 'keyword', filter: ['lowercase'] } } },
      fields: { status: { length: { type: 'token_count', analyzer: 'whole' } } },
    }
    const { reader, index } = await words.create(
      [
        { id: 1, name: 'Red Lamp' },
        { id: 2, name: 'lamp' },
      ],
      target,
    )
    expect(await found(reader, { query: 'lamp', typos: false })).toEqual(['lamp'])
    const query = { term: { 'status.length': 1 } }
    const { body } = await words.search.client.count({ index, body: { query } as never })
    expect(body.count).toBe(2)
    expect(indexSettings(target)).toMatchObject({ text: ['name (whole)'], analysis: JSON.stringify(target.analysis) })
    expect(changedSettings(indexSettings(target), indexSettings({ text: ['name'] }))).toContain('`analysis`')
    expect(changedSettings(indexSettings({ text: ['name'] }), indexSettings({ text: ['name'] }))).toBeUndefined()
  })

  it.each<[SearchTarget, string]>([
    [{ text: ['quantity'] }, '`text` names "quantity", which holds no text; name one of region, name, status'],
    [{ text: ['nam'] }, '`text` names "nam", which is not a column of the definition'],
    [
      { boosts: [{ column: 'name', half: 1 }] },
      '`boosts` names "name", which holds no numbers; name one of id, quantity',
    ],
    [{ fields: { nam: {} } }, '`fields` names "nam", which is not a column of the definition'],
    [
      { text: ['name'], fields: { name: { text: { type: 'text' } } } },
      '`fields` adds name.text, which Trifold has itself',
    ],
    [
      { fields: { name: { ignoring_case: { type: 'keyword' } } } },
      '`fields` adds name.ignoring_case, which Trifold has itself',
    ],
  ])('refuses %j', (target, message) => {
    expect(() => checkSearchTarget(words.things.definition, target)).toThrow(message)
  })
})
