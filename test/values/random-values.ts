// Random values of every supported type, in a text form that PostgreSQL takes.

import fc from 'fast-check'
import { arrayText } from '../../src/encoding/array.ts'

type Texts = fc.Arbitrary<string>

const digits = (most: number): Texts =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most })

const decimal = (whole: number, fraction: number): Texts =>
  fc.tuple(fc.constantFrom('', '-'), digits(whole), digits(fraction)).map(([sign, a, b]) => `${sign}${a}.${b}`)

const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString())

const time = fc.integer({ min: 0, max: 86_399_999_999 }).map((micros) => {
  const clock = new Date(Math.floor(micros / 1000)).toISOString().slice(11, 23)
  return `${clock}${String(micros % 1000).padStart(3, '0')}`
})

const instant = fc.oneof(
  fc.tuple(day, time).map(([date, clock]) => `${date.slice(0, 10)} ${clock}`),
  fc.constantFrom('infinity', '-infinity', '0044-03-15 01:02:03.000004 BC', '294276-12-31 23:59:59.999999'),
)

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 5e-324, 1.7976931348623157e308, 0.1, 1e21),
)

const text = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', '')) },
  fc.constantFrom('', 'NULL', ' a ', '{"}', 'x'.repeat(9_000), 'é'.repeat(20_000), `\u{10FFFF}${'y'.repeat(33_000)}`),
)

/** Not null: a handler that writes it means no value. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.stringify(value).replaceAll(/\\u0000/g, ''))
  .filter((text) => text !== 'null')

const scalars: [type: string, values: Texts][] = [
  ['boolean', fc.constantFrom('true', 'false')],
  ['smallint', fc.integer({ min: -32_768, max: 32_767 }).map(String)],
  ['integer', fc.integer().map(String)],
  ['bigint', fc.maxSafeInteger().map(String)],
  [
    'real',
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? '-0' : String(value))),
  ],
  ['double precision', number.map((value) => (Object.is(value, -0) ? '-0' : String(value)))],
  ['numeric(12,2)', decimal(10, 2)],
  ['numeric(30,10)', decimal(20, 10)],
  ['numeric', fc.oneof(decimal(40, 40), fc.constantFrom('1e400', '-1e-400', '0.00', '10.10'))],
  ['text', text],
  ['varchar(40)', fc.string({ unit: 'grapheme', maxLength: 8 }).map((value) => value.replaceAll('\0', ''))],
  ['char(8)', fc.string({ unit: 'grapheme-ascii', maxLength: 8 })],
  ['uuid', fc.uuid()],
  ['bytea', fc.uint8Array({ maxLength: 12 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)],
  [
    'date',
    fc.oneof(
      day.map((date) => date.slice(0, 10)),
      fc.constantFrom('infinity', '5874897-12-31', '4714-11-24 BC'),
    ),
  ],
  ['time', fc.oneof(time, fc.constant('24:00:00'))],
  ['timestamp', instant],
  ['timestamptz', instant.map((value) => (value.endsWith('infinity') ? value : value.replace(/( BC)?$/, '+00$1')))],
  ['mood', fc.constantFrom('sad', 'ok', "it's")],
  ['amount', decimal(8, 2).map((value) => value.replace('-', ''))],
]

const arrays = scalars.map(([type, values]): [string, Texts] => [
  `${type}[]`,
  fc.array(fc.option(values, { freq: 5 }), { maxLength: 4 }).map(arrayText),
])

/** What no handler can write, since JavaScript has no such number: only the definition gives it. */
export const exactJson: Texts = fc.oneof(
  decimal(6, 6).map((value) => `{"price": ${value.replace(/^(-?)0+(?=\d)/, '$1')}, "list": [1.0, null]}`),
  fc.constantFrom('10.10', 'null', '[0.50]'),
)

/** Each type with its values; `jsonb` twice, with what handlers can write first. */
export const randomColumns: readonly (readonly [type: string, values: Texts])[] = [
  ...scalars,
  ...arrays,
  ['jsonb', json],
  ['jsonb', exactJson],
]
