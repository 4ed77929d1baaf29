// Things with a column of every kind that a read model can hold, and random rows of them.

import fc from 'fast-check'
import type { Row, Value } from '../../src/encoding.ts'

export const createThings = `
  create table public.things (
    region text not null,
    id bigint not null,
    name text,
    status text not null,
    quantity integer,
    distance bigint,
    total numeric(12, 2),
    rate numeric,
    ratio double precision,
    weight real,
    active boolean,
    day date,
    seen timestamp,
    changed_at timestamptz not null,
    reference uuid,
    tags text[],
    extra jsonb
  )`

export const thingsModel = { key: ['region', 'id'], notNull: ['status', 'changed_at'] }

/** UTF-8 puts what stands behind U+D7FF in another order than JavaScript does: by code point, not by code unit. */
const words = [
  '',
  'a',
  'A',
  'b',
  'ä',
  'Ä',
  'á',
  'é',
  'z',
  'Z',
  'a b',
  'A b',
  'ab',
  'aB',
  'ΟΔΟΣ',
  'οδος',
  'οδοσα',
  'İ',
  'i',
  ' a',
  '\n',
  'ß',
  '～',
  '\uE000',
  '\uFFFD',
  '😀',
  '𐐷',
]

/** Few values each, so that ties are common. */
export const values: Record<string, Value[]> = {
  region: ['north', 'South', 'ö', '😀'],
  id: [],
  name: words,
  status: ['new', 'paid', 'Gone', 'ﬁn'],
  quantity: [-2147483647, -3, 0, 1, 2, 7, 2147483646, 2147483647],
  distance: [-9007199254740991, -1, 0, 5, 12345678901, 9007199254740991],
  total: ['-1234567.89', '-0.01', '0.00', '0.10', '0.20', '0.30', '9.99', '10.00', '9999999999.99'],
  rate: ['-3', '0', '0.125', '1', '1.5', '19.999'],
  ratio: [-1e300, -2.5, 0, 1e-7, 0.1, 0.3, 1, 1.5e16, 1e300],
  weight: [-1.5, 0, 0.1, 0.7, 3.25, 16777216],
  active: [true, false],
  day: ['1899-12-31', '1970-01-01', '2024-02-28', '2024-02-29', '2024-03-01'],
  seen: [
    '1811-03-04T05:06:07.000008',
    '1970-01-01T00:00:00.000000',
    '2024-02-29T23:59:59.999999',
    '2024-03-01T00:00:00.000001',
  ],
  changed_at: [
    '1969-12-31T23:59:59.999999Z',
    '1970-01-01T00:00:00.000001Z',
    '2024-02-29T12:00:00.123456Z',
    '2024-02-29T12:00:00.123457Z',
    '2024-02-29T12:00:00.124000Z',
    '2026-01-01T00:00:00.000000Z',
  ],
  reference: ['00000000-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-00000000000f'],
}

const one = (column: string): fc.Arbitrary<Value> => fc.constantFrom(...(values[column] as Value[]))
const maybe = (column: string): fc.Arbitrary<Value> => fc.option(one(column), { freq: 4 })
const tag = fc.constantFrom('red', 'Rot', '😀', 'a,b', '"')

/** Letters that got two cases with Unicode 11 or later: not every engine knows them, as the documentation says. */
const newLetters = /[\u1C90-\u1CBF\u2C2F\u2C5F\uA7BA-\uA7F6\u{10570}-\u{105BF}\u{10D50}-\u{10D8F}\u{16E40}-\u{16E7F}]/gu

const anyThing: fc.Arbitrary<Row> = fc.record({
  region: one('region'),
  id: fc.integer({ min: -50, max: 2_000 }),
  name: fc.oneof(
    maybe('name'),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => text.replaceAll('\0', '').replace(newLetters, '')),
  ),
  status: one('status'),
  quantity: fc.oneof(maybe('quantity'), fc.integer({ min: -100, max: 100 })),
  distance: maybe('distance'),
  total: fc.oneof(maybe('total'), fc.integer({ min: -99_999, max: 99_999 }).map(inCents)),
  rate: maybe('rate'),
  ratio: fc.oneof(
    maybe('ratio'),
    fc.integer({ min: -999, max: 999 }).map((number) => number / 8),
  ),
  weight: maybe('weight'),
  active: maybe('active'),
  day: maybe('day'),
  seen: maybe('seen'),
  changed_at: fc.oneof(one('changed_at'), fc.integer({ min: 0, max: 2 ** 50 }).map(instant)),
  reference: maybe('reference'),
  tags: fc.option(fc.array(fc.option(tag), { maxLength: 3 }), { freq: 4 }) as fc.Arbitrary<Value>,
  extra: fc.option(
    fc.record({ a: fc.integer(), b: fc.array(fc.string({ unit: 'grapheme-ascii' }), { maxLength: 2 }) }),
  ),
})

function inCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function instant(microseconds: number): string {
  const milliseconds = new Date(Math.floor(microseconds / 1000)).toISOString()
  return milliseconds.replace('Z', `${String(microseconds % 1000).padStart(3, '0')}Z`)
}

/** Rows with different keys. */
export function randomThings(seed: number, count: number): Row[] {
  const byKey = new Map(fc.sample(anyThing, { seed, numRuns: count }).map((row) => [`${row.region} ${row.id}`, row]))
  return [...byKey.values()]
}
