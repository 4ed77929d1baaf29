import { afterAll, beforeAll, expect, test } from 'vitest'
import { indexReader } from '../../../src/query/search.ts'
import type { Find, Reader } from '../../../src/query.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import { textLanguages } from '../../../src/read-model/text-language.ts'
import type { SearchTarget } from '../../../src/read-model.ts'
import { describeWithSearch } from '../../support/search.ts'
import { WordIndexes, type Words } from './words.ts'

describeWithSearch('Full text', () => {
  let words: WordIndexes

  beforeAll(async () => {
    words = await WordIndexes.open()
  })
  afterAll(() => words?.close())

  const indexOf = (rows: readonly Words[], target?: SearchTarget) => words.create(rows, target)
  const write = (index: string, rows: readonly Words[]) => words.write(index, rows)

  const idsOf = async (reader: Reader, request: Find) => (await reader.find(request)).rows.map(({ id }) => Number(id))

  const lamps = ['red', 'blue', 'oak'].flatMap((colour, place) =>
    Array.from({ length: 50 }, (_, one) => ({
      id: one * 3 + place,
      name: `lamp ${colour} ${'very '.repeat(one % 4)}`,
    })),
  )

  async function pages(reader: Reader, between: (page: number) => Promise<unknown>): Promise<number[]> {
    const seen: number[] = []
    let cursor: string | undefined
    for (let page = 0; page < 40; page++) {
      const found = await reader.find({ text: 'lamp', limit: 10, ...(cursor ? { cursor } : {}) })
      seen.push(...found.rows.map(({ id }) => Number(id)))
      cursor = found.cursor
      if (cursor === undefined) return seen
      await between(page)
    }
    throw new Error('the pages do not end')
  }

  test.each([1, 3])('pages by relevance are whole while other rows are written, in %i shards', async (shards) => {
    const { index, reader } = await indexOf(lamps, { shards })
    const others = (page: number) =>
      write(index, [
        { id: 1_000 + page, name: `chair ${'long '.repeat(page)}` },
        { id: 2_000 + page, name: 'lamb' },
        { ...(lamps[page] as Words), status: `changed ${page}` },
      ])
    const seen = (await pages(reader, others)).filter((id) => id < 1_000)
    expect(seen.toSorted((a, b) => a - b)).toEqual(lamps.map(({ id }) => id).toSorted((a, b) => a - b))
  })

  test('a row is ranked by itself and the words, wherever it is and whatever else there is', async () => {
    const rows = [
      { id: 1, name: 'lamp' },
      { id: 2, name: 'lamp shade' },
      { id: 3, name: 'a lamp with a shade, a foot and a cable' },
    ]
    const { index, reader } = await indexOf(rows, { shards: 4 })
    expect(await idsOf(reader, { text: 'lamp' })).toEqual([1, 2, 3])
    await write(
      index,
      Array.from({ length: 500 }, (_, place) => ({ id: 100 + place, name: 'shade shade shade' })),
    )
    expect(await idsOf(reader, { text: 'lamp' })).toEqual([1, 2, 3])
  })

  test('rows with the words as they are written come before those with typos of them', async () => {
    const martinas = Array.from({ length: 200 }, (_, id) => ({ id, name: 'martina' }))
    const { reader } = await indexOf([
      ...martinas,
      { id: 900, name: 'martin likes long walks and writes about gardens and trains' },
      { id: 1_000, name: 'aab abb' },
      { id: 1_001, name: 'aab abb' },
      { id: 1_002, name: 'aae abb' },
      { id: 1_003, name: `variants: ${'lamp lamps lambs lam limp lump clamp lame lamb ramp '.repeat(3)}` },
      { id: 1_004, name: `${'word '.repeat(60)} gardn lamp ${'word '.repeat(60)}` },
      { id: 1_005, name: 'gardn lamo' },
    ])
    expect((await idsOf(reader, { text: 'martin', limit: 300 }))[0]).toBe(900)
    expect((await idsOf(reader, { text: 'aae abb' }))[0]).toBe(1_002)
    expect(await idsOf(reader, { text: 'garden lamp' })).toEqual([1_004, 1_005])
  })

  const folded: [asked: string, name: string][] = [
    ['elan', 'Élan vital'],
    ['ÉLAN', 'elan'],
    ['uber', 'Über den Wolken'],
    ['oberg', 'Åsa Öberg'],
    ['lukasz', 'Łukasz'],
    ['café', 'Cafe\u0301 au lait'],
    ['cafe\u0301', 'Café'],
    ['grosse', 'Größe'],
    ['wifi', 'Wi-Fi router'],
    ['wi-fi', 'Wi\u2011Fi router'],
    ['fi', 'Wi-Fi router'],
    ['email', 'E-Mail gateway'],
    ['node', 'Node.js handbook'],
    ['nodejs', 'Node.js handbook'],
    ['report', 'report_2024_final.pdf'],
    ['sku100a', 'valve SKU-100-A'],
    ['reilly', "O'Reilly"],
    ['oreilly', "O'Reilly"],
    ['京', '東京タワー'],
    ['タワー', '東京タワー'],
  ]
  test('accents, and what joins words, do not stand in the way', async () => {
    const { reader } = await indexOf(folded.map(([, name], id) => ({ id, name })))
    for (const [id, [asked]] of folded.entries())
      expect(await idsOf(reader, { text: { query: asked, typos: false } }), asked).toContain(id)
    const { highlights } = await reader.find({ text: { query: 'wifi', typos: false }, highlight: true })
    expect(highlights?.[0]?.name?.[0]?.[0]).toEqual({ text: 'Wi-Fi', match: true })
  })

  const otherScripts: [asked: string, name: string][] = [
    ['αθηνα', 'Αθήνα'],
    ['καφές', 'Καφε\u0301ς'],
    ['елка', 'Ёлка'],
    ['ёлка', 'Е\u0308лка'],
    ['май', 'маи\u0306'],
    ['замок', 'за\u0301мок'],
    ['שלום', 'שָׁלוֹם'],
    ['محمد', 'مُحَمَّد'],
    ['احمد', 'أحمد'],
    ['printer', 'ＰＲＩＮＴＥＲ'],
    ['カメラ', 'ｶﾒﾗ'],
    ['ｶﾒﾗ', 'カメラ'],
    ['ha noi', 'Hà Nội'],
  ]
  test('accents and width do not matter in other scripts, however they are composed', async () => {
    const { reader } = await indexOf(otherScripts.map(([, name], id) => ({ id, name })))
    for (const [id, [asked]] of otherScripts.entries())
      expect(await idsOf(reader, { text: { query: asked, typos: false } }), asked).toContain(id)
  })

  test('words may be in several columns, and count by the weight of theirs', async () => {
    const rows = [
      { id: 1, name: 'oak table', status: 'red' },
      { id: 2, name: 'red lamp', status: 'oak' },
      { id: 3, name: 'red chair', status: 'new' },
    ]
    const { reader } = await indexOf(rows, { text: ['name', { column: 'status', weight: 5 }] })
    expect(await idsOf(reader, { text: 'red oak', sort: 'id' })).toEqual([1, 2])
    expect(await idsOf(reader, { text: 'oak' })).toEqual([2, 1])
    const { reader: other } = await indexOf(rows, { text: [{ column: 'name', weight: 5 }, 'status'] })
    expect(await idsOf(other, { text: 'oak' })).toEqual([1, 2])
  })

  test('what comes nearer to the word comes first, in whichever column it is', async () => {
    const names = ['printers', 'printing', 'print', 'prints out', 'prunt', 'pryntt', 'sprint']
    const rows = names.map((name, id) => ({ id, name }))
    const { index, reader } = await indexOf(rows, {
      text: [
        { column: 'name', weight: 0.1 },
        { column: 'status', weight: 100 },
      ],
      language: 'english',
    })
    await write(index, [{ id: 10, name: 'lamp', status: 'prunt' }])
    const ids = await idsOf(reader, { text: 'print' })
    expect(ids.slice(0, 2)).toEqual([2, 3])
    expect(ids.indexOf(0)).toBeLessThan(ids.indexOf(10))
    expect(ids.indexOf(10)).toBeLessThan(ids.length)
  })

  test('words in quotes follow each other as they are written', async () => {
    const rows = ['red oak table', 'oak red table', 'redd oak', 'red and oak'].map((name, id) => ({ id, name }))
    const { reader } = await indexOf(rows)
    expect(await idsOf(reader, { text: '"red oak"' })).toEqual([0])
    expect(await idsOf(reader, { text: 'table "oak red"' })).toEqual([1])
    expect((await idsOf(reader, { text: 'red "oak' })).toSorted()).toEqual([0, 1, 2, 3])
    expect((await idsOf(reader, { text: 'red oak' }))[0]).toBe(0)
  })

  test.each(['!!!', '""', '" - "'])('a text without a word finds nothing: %s', async (query) => {
    const { reader } = await indexOf([{ id: 1, name: 'lamp' }])
    expect(await idsOf(reader, { text: query })).toEqual([])
    expect(await idsOf(reader, { text: { query, match: 'any' } })).toEqual([])
  })

  test('any of the words is enough if that is asked for, and more of them come first', async () => {
    const rows = ['red table', 'oak chair', 'red oak chair', 'lamp'].map((name, id) => ({ id, name }))
    const { reader } = await indexOf(rows)
    expect(await idsOf(reader, { text: { query: 'red oak chair', match: 'any' } })).toEqual([2, 1, 0])
    await expect(reader.find({ text: { query: 'red', match: 'some' as never } })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(`match: 'all' or 'any' }, not "some"`),
    })
  })

  test('another number or code is no typo', async () => {
    const rows = ['SKU-1001', 'SKU-1010', 'valve 4400'].map((name, id) => ({ id, name }))
    const { reader } = await indexOf(rows)
    expect(await idsOf(reader, { text: 'SKU1001' })).toEqual([0])
    expect(await idsOf(reader, { text: '4401' })).toEqual([])
  })

  test('the first letter may be wrong in a word of five letters', async () => {
    const { reader } = await indexOf(['printer', 'cat'].map((name, id) => ({ id, name })))
    expect(await idsOf(reader, { text: 'brinter' })).toEqual([0])
    expect(await idsOf(reader, { text: 'hat' })).toEqual([])
  })

  test('columns may have different languages', async () => {
    const rows = [{ id: 1, name: 'wooden boxes', status: 'Häuser aus Holz' }]
    const { reader } = await indexOf(rows, {
      text: ['name', { column: 'status', language: 'german' }],
      language: 'english',
    })
    const asked = (query: string) => idsOf(reader, { text: { query, typos: false, prefix: false } })
    expect(await asked('box')).toEqual([1])
    expect(await asked('haus')).toEqual([1])
    expect(await asked('box hauser')).toEqual([1])
  })

  test('a word that was found in another form, or divided, is highlighted', async () => {
    const { reader } = await indexOf(
      ['wooden boxes', 'wi fi router'].map((name, id) => ({ id, name })),
      { language: 'english' },
    )
    const marked = async (text: string) =>
      (await reader.find({ text, highlight: true })).highlights?.[0]?.name?.[0]
        ?.filter(({ match }) => match)
        .map((one) => one.text)
    expect(await marked('box')).toEqual(['boxes'])
    expect(await marked('wifi')).toEqual(['wi fi'])
  })

  test('an accent that tells letters of another script apart is kept', async () => {
    const { reader } = await indexOf([{ id: 1, name: 'май' }])
    expect(await idsOf(reader, { text: { query: 'маи', typos: false } })).toEqual([])
  })

  test('with a language the forms of a word are found by each other, and without one they are not', async () => {
    const rows = ['fresh berries', 'wooden boxes', 'a box'].map((name, id) => ({ id, name }))
    const asked = (query: string) => ({ text: { query, typos: false } })
    const { reader } = await indexOf(rows, { language: 'english' })
    expect(await idsOf(reader, asked('berry'))).toEqual([0])
    expect((await idsOf(reader, asked('boxes'))).toSorted()).toEqual([1, 2])
    const { reader: plain } = await indexOf(rows)
    expect(await idsOf(plain, asked('berry'))).toEqual([])
  })

  test.each(textLanguages)('the engine knows the language %s', async (language) => {
    const { reader } = await indexOf([{ id: 1, name: 'lamp' }], { language })
    expect(await idsOf(reader, { text: 'lamp' })).toEqual([1])
  })

  test('the last word may go on', async () => {
    const rows = ['laser printer', 'printing press', 'print', 'sprint'].map((name, id) => ({ id, name }))
    const { reader } = await indexOf(rows)
    expect(await idsOf(reader, { text: { query: 'print', typos: false, prefix: false } })).toEqual([2])
    const going = await idsOf(reader, { text: { query: 'print', typos: false } })
    expect(going).toEqual([2, 0, 1])
    expect(await idsOf(reader, { text: 'lasr pri' })).toEqual([0])
    expect(await idsOf(reader, { text: { query: 'pri laser', typos: false } })).toEqual([])
  })

  test.each([1, 2, 4, 5])('as many words as are taken are answered, in %i columns', async (count) => {
    const text = ['name', 'status', 'region'].slice(0, count)
    const rows = Array.from({ length: 3_000 }, (_, id) => ({ id, name: `valve SKU${100_000 + id}` }))
    const { index, reader } = await indexOf(rows, { text })
    const source = (columns: string[]) => ({
      text: searchedColumns({ text: columns }),
      index,
    })
    const columns = count > 3 ? Array.from({ length: count }, (_, place) => text[place % 3] as string) : text
    const wide = indexReader(words.search.client, {
      ...source(columns),
      definition: words.things.definition,
      target: 'things@search',
    })
    const most = Math.min(100, Math.floor(200 / count))
    const query = (number: number) => Array.from({ length: number }, (_, place) => `SKU${100_100 + place}`).join(' ')
    expect(await wide.find({ text: query(most), where: { id: { in: [1, 2] } } })).toMatchObject({ rows: [] })
    expect((await idsOf(reader, { text: query(1) }))[0]).toBe(100)
    await expect(wide.find({ text: query(most + 1) })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(`words; ${count > 2 ? `at most ${most}` : `it takes at most 100`}`),
    })
  })

  test('words without a blank between them count by themselves', async () => {
    const { reader } = await indexOf([{ id: 1, name: '東京' }])
    await expect(reader.find({ text: '京'.repeat(101) })).rejects.toMatchObject({
      message: 'query: `text` has 101 words; at most 100 can be looked for at once in 1 column',
    })
    expect(await idsOf(reader, { text: '東京'.repeat(50) })).toEqual([1])
  })
})
