import { expect, test } from 'vitest'
import { arrayText } from '../src/encoding/array.ts'
import { encodingOf } from '../src/encoding/catalog.ts'

const oid = {
  boolean: 16,
  bigint: 20,
  integer: 23,
  text: 25,
  textArray: 1009,
  char: 1042,
  date: 1082,
  instant: 1184,
  numeric: 1700,
  jsonb: 3802,
}

const canonical = (type: keyof typeof oid, value: unknown, modifier = -1) =>
  encodingOf({ oid: oid[type], modifier })?.canonical(value)

/** The modifier of numeric(precision, scale), as a row description gives it. */
const numericModifier = (precision: number, scale: number) => ((precision << 16) | scale) + 4

test.each([
  ['2026-01-02T03:04:05.123Z', '2026-01-02T03:04:05.123000Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
  ['2026-01-02 03:04:05.1+00', '2026-01-02T03:04:05.100000Z'],
  ['2026-01-02T05:04:05.123456+02:00', '2026-01-02T03:04:05.123456Z'],
  ['2026-01-02T00:34:05-05:30', '2026-01-02T06:04:05.000000Z'],
  [new Date('2026-01-02T03:04:05.123Z'), '2026-01-02T03:04:05.123000Z'],
])('writes the instant %s with microseconds in UTC', (value, expected) => {
  expect(canonical('instant', value)).toBe(expected)
})

test.each(['2026-01-02T03:04:05Z', '2026-01-02T03:04:05+01:00', new Date(0)])(
  'refuses the instant %s where there is no time zone: it would be shifted',
  (value) => {
    expect(() => encodingOf({ oid: 1114 })?.canonical(value)).toThrow(/a timestamp without an offset/)
  },
)

test.each(['toString', 'constructor', '__proto__'])(
  'refuses %s as a time, though objects have such a property',
  (value) => {
    for (const type of ['date', 'instant'] as const) expect(() => canonical(type, value)).toThrow(/is not/)
  },
)

test.each(['2026-02-31', '2025-02-29', '2026-13-01', '0000-01-01', '2026-1-1', '5874898-01-01'])(
  'refuses %s, which is no day',
  (value) => {
    expect(() => canonical('date', value)).toThrow(/not a date/)
    expect(() => canonical('instant', `${value}T00:00:00Z`)).toThrow(/an instant/)
  },
)

test('checks the day of each instant, whatever the day of the one before', () => {
  const none = ['2026-02-31', '2025-02-29', '2026-00-01', '2026-13-01', '0000-01-01', '2026-01-00']
  for (const day of none) {
    for (const fraction of ['123', '123456']) {
      const noInstant = `${day}T03:04:05.${fraction}Z`
      for (let time = 0; time < 2; time++) expect(() => canonical('instant', noInstant)).toThrow(/an instant/)
      expect(canonical('instant', `2024-02-29T03:04:05.${fraction}Z`)).toMatch(/^2024-02-29T03:04:05\.123(000|456)Z$/)
    }
  }
})

test.each([
  '2026-01-02T24:00:00Z',
  '2026-01-02T03:04:60Z',
  '2026-01-02T03:04:05.1234567Z',
  '2026-01-02T03:04:05+16:00',
])('refuses %s, which would become another time', (value) => {
  expect(() => canonical('instant', value)).toThrow(/an instant/)
})

test('refuses half a character, in text and in jsonb', () => {
  expect(() => canonical('text', 'a😀'.slice(0, 2))).toThrow(/whole characters/)
  expect(() => canonical('jsonb', { a: ['\ud83d'] })).toThrow(/a.0: it is not text of whole characters/)
})

test('refuses in jsonb what JSON would lose', () => {
  for (const value of [Number.NaN, 1n, new Map(), () => 1, [undefined]]) {
    expect(() => canonical('jsonb', { value })).toThrow(/JSON that can be stored/)
  }
})

test('refuses a number that single precision would change, and a number that would become zero', () => {
  const real = encodingOf({ oid: 700 })
  expect(real?.canonical(0.1)).toBe(0.1)
  expect(() => real?.canonical(0.123456789)).toThrow(/single precision/)
  expect(() => encodingOf({ oid: 701 })?.canonical('1e-400')).toThrow(/tells from zero/)
})

test('refuses a label that an enum lacks', () => {
  const encoding = encodingOf({ oid: 1, name: 'mood', labels: ['sad', 'ok'] })
  expect(encoding?.canonical('ok')).toBe('ok')
  expect(() => encoding?.canonical('fine')).toThrow(/a label of mood \(sad, ok/)
})

test('refuses an instant without its offset', () => {
  expect(() => canonical('instant', '2026-01-02T03:04:05')).toThrow(/an instant with its offset/)
})

test.each([
  ['1.50', undefined, '1.50'],
  ['-0.00', undefined, '0.00'],
  ['007.10', numericModifier(10, 2), '7.10'],
  [12, numericModifier(10, 2), '12.00'],
  ['123456789012345678901234567890.5', undefined, '123456789012345678901234567890.5'],
])('keeps the decimal %s of scale %s exactly', (value, modifier, expected) => {
  expect(canonical('numeric', value, modifier ?? -1)).toBe(expected)
})

test('refuses more decimals than the column has, and what is not a number', () => {
  expect(() => canonical('numeric', '1.234', numericModifier(10, 2))).toThrow(/with 2 decimals/)
  expect(() => canonical('numeric', '1e3')).toThrow(/a decimal number/)
})

test('refuses a whole number that JavaScript cannot hold exactly', () => {
  expect(canonical('bigint', 9007199254740991n)).toBe(9007199254740991)
  expect(() => canonical('bigint', '9007199254740993')).toThrow(/cast the column to text/)
  expect(() => canonical('integer', 2147483648)).toThrow(/VALUE|integer/)
})

test('writes jsonb as PostgreSQL does: shorter keys first, numbers without an exponent', () => {
  const value = canonical('jsonb', { b: [{ dd: 1e21, c: -1.5e-7 }], a: null, é: 'é\u0001/"' })
  expect(value).toBe('{"a": null, "b": [{"c": -0.00000015, "dd": 1000000000000000000000}], "é": "é\\u0001/\\""}')
})

test('cuts the padding of char(n), and refuses the character that PostgreSQL cannot store', () => {
  expect(canonical('char', 'GB   ')).toBe('GB')
  expect(() => canonical('text', 'a\0b')).toThrow(/zero character/)
})

test('reads and writes arrays with quotes, backslashes, commas, braces and nulls', () => {
  const items = ['plain', 'with "quotes"', 'back\\slash', 'a,b', '{c}', '', 'NULL', null]
  const encoding = encodingOf({ oid: oid.textArray, element: { oid: oid.text } })
  expect(encoding?.decode(arrayText(items))).toEqual(items)
  expect(encoding?.decode('{}')).toEqual([])
})

test('knows no encoding for types that a read model cannot hold', () => {
  expect(encodingOf({ oid: 114 })).toBeUndefined()
})
