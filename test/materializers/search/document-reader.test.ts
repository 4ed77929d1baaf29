import { describe, expect, it } from 'vitest'
import { encodingOf } from '../../../src/encoding/catalog.ts'
import { storedText } from '../../../src/encoding/stored-text.ts'
import type { Encoding, Row } from '../../../src/encoding.ts'
import { DocumentReader } from '../../../src/materializers/search/document-reader.ts'
import { documentFields, rowOfDocument } from '../../../src/query/search/fields.ts'
import { Random } from '../../feed/random.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)

const column = (name: string, oid: number) => ({ name, encoding: encodingOf({ oid }) as Encoding, notNull: false })
const columns = [column('id', 20), column('na"me', 25), column('yes', 16), column('at', 1184), column('ratio', 701)]

/** What the sink is given for each document. */
function read(json: string): { values: (string | null)[]; row: Row }[] {
  const rows: { values: (string | null)[]; row: Row }[] = []
  let values: (string | null)[] = []
  const sink = {
    none: () => void values.push(null),
    bytes: (source: Buffer, start: number, end: number) => void values.push(source.toString('utf8', start, end)),
    text: (value: string) => void values.push(value),
    unlike: () => void values.push('unlike'),
    endOfRow(row: () => Row) {
      rows.push({ values, row: row() })
      values = []
    },
  }
  const reader = new DocumentReader(columns, sink, (source) => rowOfDocument(columns, source))
  expect(reader.read(Buffer.from(json))).toBe(rows.length)
  return rows
}

const answer = (...sources: string[]): string =>
  `{"hits":{"hits":[${sources.map((source) => `{"_id":"\\"_source\\":{}","_source":${source},"sort":[1]}`).join(',')}]}}`

describe('documents that are read out of the bytes of an answer', () => {
  it(`have the values that parsing finds (TRIFOLD_TEST_SEED=${seed})`, () => {
    const random = new Random(seed)
    const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random.next() * choices.length)] as T
    const letters = [...'a ,:{}[]"\\é😀\n\u0001']
    const rows = Array.from(
      { length: 500 },
      (_, id): Row => ({
        id: pick([id, -1 - id, null]),
        'na"me': pick([null, '"_source":{', Array.from({ length: id % 9 }, () => pick(letters)).join('')]),
        yes: pick([true, false, null]),
        at: pick([
          '2026-01-02T03:04:05.600000Z',
          '2026-01-02T03:04:05.000000Z',
          'infinity',
          '0044-03-15T01:02:03.000000Z BC',
          null,
        ]),
        ratio: pick([0.5, -0, 1e300, null]),
      }),
    )
    const sources = rows.map((row) => {
      const members = Object.entries({ ...documentFields(columns, row), _ordinal: 7, other: { a: ['"}', {}] } })
      const ordered = random.next() < 0.5 ? members : members.reverse()
      return JSON.stringify(Object.fromEntries(ordered), null, pick([0, 2]))
    })
    expect(read(answer(...sources))).toEqual(
      rows.map((row) => ({
        row,
        values: columns.map(({ name, encoding }) => storedText(encoding, row[name] ?? null)),
      })),
    )
  })

  it('are unlike every row if JSON has a value of another type', () => {
    const [{ values } = { values: [] }] = read(answer('{"id":true,"na\\"me":7,"yes":1,"at":7,"ratio":{}}'))
    expect(values).toEqual(['unlike', 'unlike', 'unlike', 'unlike', 'unlike'])
  })

  it('are none in an answer without documents', () => {
    expect(read('{"hits":{"hits":[]}}')).toEqual([])
  })
})
