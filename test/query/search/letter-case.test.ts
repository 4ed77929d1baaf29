import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../../src/encoding.ts'
import { indexReader, type ReadIndex } from '../../../src/query/search.ts'
import type { Found, Reader, SortTerm } from '../../../src/query.ts'
import { describeWithSearch } from '../../support/search.ts'
import { ThingTargets } from '../thing-targets.ts'
import { documentOf } from '../things.ts'

/** Letters that have been in Unicode for long: engines of different ages agree on them. */
const letters = Array.from({ length: 0x2c00 }, (_, code) => String.fromCodePoint(code)).filter(
  (letter) => letter.toLowerCase() !== letter && !(letter >= '\u1c80' && letter < '\u1e00'),
)
/** A whole text of the longest form that an index has, of letters that are longer in lower case. */
const longest = `${'\u0130'.repeat(3_999)}${'\u023a'.repeat(2)}`
const names = [
  ...letters.map((letter) => `a${letter}b`),
  ...letters.map((letter) => `a${letter.toLowerCase()}b`),
  ...['ΟΔΟΣ', 'οδος', 'ΟΔΟΣ Α', 'οδοσα', 'I\u0307', '\u0130\u0130', '', null, null],
  ...[longest, longest.toLowerCase(), longest.slice(1), 'x'.repeat(8_000), 'X'.repeat(8_000)],
]
const rows = names.map(
  (name, id): Row => ({ region: 'north', id, name, status: 'new', changed_at: '2024-01-01T00:00:00Z' }),
)

const orders = ['name', '-name', 'name missing first', '-name missing first'].map(
  (term) => term.replace('name', 'name ignoring case') as SortTerm,
)

describeWithSearch('Texts ordered without regard to upper and lower case', () => {
  let targets: ThingTargets

  beforeAll(async () => {
    targets = await ThingTargets.open(rows)
  })
  afterAll(() => targets?.close())

  /** The ids of all pages, asked from the readers in turn. */
  async function walk(readers: Reader[], sort: SortTerm): Promise<unknown[]> {
    const ids: unknown[] = []
    for (let [page, found] = [0, undefined as Found | undefined]; page === 0 || found?.cursor; page++) {
      const cursor = found?.cursor
      found = await readers[page % readers.length]!.find({
        sort,
        limit: 421,
        columns: ['id'],
        ...(cursor && { cursor }),
      })
      ids.push(...found.rows.map(({ id }) => id))
    }
    return ids
  }

  /** Another index with the same columns. */
  async function indexOf(name: string, documents: Row[], analysis: object = {}): Promise<ReadIndex> {
    const { client, prefix } = targets.search
    const index = `${prefix}${name}-g1`
    const { body } = await client.indices.get({ index: `${prefix}things-g1` })
    const { mappings, settings } = Object.values(body)[0] as { mappings: object; settings: { index: Settings } }
    const { analysis: ours, similarity } = settings.index
    const own = { similarity, analysis: { ...ours, ...analysis } }
    await client.indices.create({ index, body: { mappings, settings: own } as never })
    const operations = documents.flatMap((row, place) => [
      { index: {} },
      documentOf(targets.things.definition, row, place),
    ])
    const { body: answer } = await client.bulk({ index, refresh: true, body: operations as never })
    expect(answer.errors).toBe(false)
    return { ...targets.source, index }
  }

  test.each(orders)('are in one order everywhere, and pages of one target go on in another: %s', async (sort) => {
    const inTable = await walk([targets.table], sort)
    expect(inTable.length).toBe(rows.length)
    expect(await walk([targets.index], sort)).toEqual(inTable)
    expect(await walk([targets.index, targets.table, targets.view], sort)).toEqual(inTable)
  })

  test('would be in another with the lower case of the engine alone', async () => {
    const plain = { trifold_ignoring_case: { type: 'custom', filter: ['lowercase'] } }
    const special = rows.filter(({ name }) =>
      /^[\p{Script=Greek} ]+$|^\u0130\u0130$|^aib$|^a\u0130b$/u.test(String(name)),
    )
    const mutant = indexReader(targets.search.client, await indexOf('plain', special, { normalizer: plain }))
    const inTable = (await walk([targets.table], orders[0]!)).filter((id) => special.some((row) => row.id === id))
    expect(await walk([mutant], orders[0]!)).not.toEqual(inTable)
  })

  test('are refused if an index has not the whole form of one', async () => {
    const texts = ['x'.repeat(8_001), `${'X'.repeat(8_000)}yy`, '\u{1d400}'.repeat(8_100), '\u0130'.repeat(10_000)]
    for (const [place, name] of texts.entries()) {
      const long = await indexOf(`long-${place}`, [{ ...rows[0], name } as Row])
      const found = indexReader(targets.search.client, long).find({ sort: orders[0]! })
      await expect(found).rejects.toMatchObject({
        code: 'QUERY_UNSUPPORTED',
        message: expect.stringContaining('texts of name of more than 8,000 characters ignoring case'),
      })
    }
  })
})

interface Settings {
  analysis: object
  similarity: object
}
