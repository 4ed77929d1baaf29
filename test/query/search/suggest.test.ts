import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Reader, Suggestion } from '../../../src/query.ts'
import { relationReader } from '../../../src/query.ts'
import { fewOrMany } from '../../support/long.ts'
import { describeWithSearch } from '../../support/search.ts'
import { WordIndexes, type Words } from './words.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)

/** Of each word some rows have a typo, and another case. */
const vocabulary = [
  'lamp',
  'lampshade',
  'lamb',
  'Lantern',
  'laser',
  'printer',
  'print',
  'painter',
  'pasta',
  'Zürich',
  'zurück',
]
const regions = ['north', 'south']

const row = fc.record({
  region: fc.constantFrom(...regions),
  name: fc.array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 3 }).map((some) => some.join(' ')),
  status: fc.constantFrom('new', 'paid', 'lacking', ...vocabulary),
})

interface Case {
  region: string
  column: 'name' | 'status'
  typed: string
}

const asked: fc.Arbitrary<Case> = fc.record({
  region: fc.constantFrom(...regions),
  column: fc.constantFrom('name', 'status'),
  typed: fc
    .record({ word: fc.constantFrom(...vocabulary), length: fc.integer({ min: 1, max: 9 }) })
    .map(({ word, length }) => word.slice(0, length)),
})

const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

describeWithSearch(`Suggestions (seed ${seed})`, () => {
  let words: WordIndexes
  const rows: Words[] = fc.sample(row, { seed, numRuns: 60 }).map((one, id) => ({ id, ...one }))
  let reader: Reader

  beforeAll(async () => {
    process.stderr.write(`test/query/search/suggest: TRIFOLD_TEST_SEED=${seed}\n`)
    words = await WordIndexes.open()
    reader = (await words.create(rows, { text: ['name', 'status'], shards: 3 })).reader
  })
  afterAll(() => words?.close())

  const restrictedTo = ({ region, column }: Case) =>
    reader.restricted({ columns: ['region', 'id', column], where: { region } })

  /** The words that are in permitted cells, and how many permitted rows have each. */
  function permitted({ region, column }: Case): Map<string, number> {
    const counts = new Map<string, number>()
    for (const one of rows.filter((some) => some.region === region))
      for (const word of new Set(plain(one[column] as string).split(' '))) counts.set(word, (counts.get(word) ?? 0) + 1)
    return counts
  }

  /** What suggestions tell that they must not, or get wrong. */
  function faults(one: Case, suggestions: readonly Suggestion[]): string[] {
    const known = permitted(one)
    const wrong = suggestions.filter(({ text, count }) => known.get(plain(text)) !== count)
    const given = new Set(suggestions.map(({ text }) => plain(text)))
    const lacking = [...known.keys()].filter((word) => word.startsWith(plain(one.typed)) && !given.has(word))
    return [...wrong.map(({ text, count }) => `${text} (${count})`), ...lacking.map((word) => `no ${word}`)]
  }

  const inAll = (check: (one: Case) => Promise<void>) =>
    fc.assert(fc.asyncProperty(asked, check), { seed, numRuns: fewOrMany(40, 400), endOnFailure: true })

  it('are all words of permitted rows and columns that go on, exactly counted, and no other word', () =>
    inAll(async (one) => {
      const { suggestions } = await restrictedTo(one).suggest({ text: one.typed, limit: 50 })
      expect({ ...one, faults: faults(one, suggestions) }).toMatchObject({ faults: [] })
      const places = suggestions.map(({ text }) => plain(text).startsWith(plain(one.typed)))
      expect(places).toEqual(places.toSorted((a, b) => Number(b) - Number(a)))
    }))

  it('of all rows tell of others: a wrong way, as of a dictionary of the index', async () => {
    const found: string[] = []
    await inAll(async (one) => {
      const { suggestions } = await reader.suggest({ text: one.typed, limit: 50 })
      found.push(...faults(one, suggestions))
    })
    expect(found.length).toBeGreaterThan(0)
  })

  it('complete the last word of rows that have those in front of it, in the form of the row', async () => {
    const { reader } = await words.create([
      { id: 1, name: 'Red lamp' },
      { id: 2, name: 'red lamp, large' },
      { id: 3, name: 'Red Lantern' },
      { id: 4, name: 'blue ladder' },
    ])
    const suggest = async (text: string, more = {}) => (await reader.suggest({ text, ...more })).suggestions
    expect(await suggest('red la')).toEqual([
      { text: 'red lamp', count: 2 },
      { text: 'red Lantern', count: 1 },
      { text: 'red large', count: 1 },
    ])
    expect(await suggest('red la', { limit: 1 })).toEqual([{ text: 'red lamp', count: 2 }])
    expect(await suggest('la', { where: { id: 4 } })).toEqual([{ text: 'ladder', count: 1 }])
    expect(await suggest('lantren')).toEqual([{ text: 'Lantern', count: 1 }])
    expect(await suggest('green la')).toEqual([])
    expect(await suggest('"red lamp"')).toEqual([])
  })

  it('are refused by a table, which names the index, and for a column without full text', async () => {
    const table = relationReader(words.things.pool, words.things.relation)
    expect(() => table.checkSuggest({ text: 'la' })).toThrow(/things@table has no full text; ask things@search/)
    expect(() => table.checkSuggest({ text: 'la', sort: 'id' })).toThrow(/suggest does not take `sort`/)
    expect(() => reader.checkSuggest({ text: 'la', columns: ['id'] })).toThrow(/no column of `columns` has full text/)
    expect(() => reader.checkSuggest({ text: 'la', limit: 51 })).toThrow(/`limit` is 51; .* from 1 to 50/)
    expect(() => reader.checkSuggest({})).toThrow(/suggest takes `text`, what somebody has typed, not undefined/)
    expect(() =>
      restrictedTo({ region: 'north', column: 'name', typed: '' }).checkSuggest({ text: 'la', columns: ['status'] }),
    ).toThrow(/has no column status/)
  })
})

describeWithSearch('A correction', () => {
  let words: WordIndexes
  let reader: Reader

  beforeAll(async () => {
    words = await WordIndexes.open()
    const made = await words.create(
      [
        { id: 1, name: 'table lamp' },
        { id: 2, name: 'desk lamp' },
        { id: 3, name: 'floor lamp', region: 'south' },
        { id: 4, name: 'Stehleuchte', region: 'south' },
        { id: 5, name: 'printer', status: 'secret' },
        { id: 6, name: 'SKU100' },
      ],
      { text: ['name', 'status'] },
    )
    reader = made.reader
  })
  afterAll(() => words?.close())

  const meant = async (text: string | object, from = reader, more = {}) =>
    (await from.find({ text, ...more } as never)).didYouMean

  it('is offered for words that find little, and finds more', async () => {
    expect(await meant('tamp')).toEqual({ text: 'lamp', count: 3 })
    expect(await meant({ query: 'desk lmap', typos: false })).toEqual({ text: 'desk lamp', count: 1 })
    expect(await meant({ query: 'tabel lmap', typos: false })).toEqual({ text: 'table lamp', count: 1 })
    expect((await reader.find({ text: { query: 'desk lamp', typos: false } })).rows).toHaveLength(1)
  })

  it('is offered neither for words that rows have nor for numbers, phrases, other pages and many rows', async () => {
    expect(await meant('lamp')).toBeUndefined()
    expect(await meant('desk')).toBeUndefined()
    expect(await meant('SKU10')).toBeUndefined()
    expect(await meant('"tamp"')).toBeUndefined()
    expect(await meant('lamp', reader, { limit: 1 })).toBeUndefined()
    expect(await meant('qqqqqq')).toBeUndefined()
  })

  it('comes from permitted rows and columns only', async () => {
    const north = reader.restricted({ where: { region: 'north' } })
    expect(await meant('tamp', north)).toEqual({ text: 'lamp', count: 2 })
    expect(await meant({ query: 'stehleuchtte', typos: false })).toEqual({ text: 'Stehleuchte', count: 1 })
    expect(await meant({ query: 'stehleuchtte', typos: false }, north)).toBeUndefined()
    expect(await meant({ query: 'stehleuchtte', typos: false }, reader, { where: { region: 'north' } })).toBeUndefined()
    expect(await meant({ query: 'secrte', typos: false })).toEqual({ text: 'secret', count: 1 })
    const names = reader.restricted({ columns: ['region', 'id', 'name'] })
    expect(await meant({ query: 'secrte', typos: false }, names)).toBeUndefined()
  })
})
