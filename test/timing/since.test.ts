import { expect, test } from 'vitest'
import { instantOf } from '../../src/timing/since.ts'

const now = Date.parse('2026-11-30T08:30:00Z')
const read = (text: string, zone = 'Europe/Vienna', at = now) => {
  const instant = instantOf(text, at, zone)
  return instant === undefined ? undefined : new Date(instant).toISOString()
}

test.each([
  ['24h', '2026-11-29T08:30:00.000Z'],
  ['90m', '2026-11-30T07:00:00.000Z'],
  ['today', '2026-11-29T23:00:00.000Z'],
  ['yesterday', '2026-11-28T23:00:00.000Z'],
  ['yesterday 18:00', '2026-11-29T17:00:00.000Z'],
  ['Today 6:15', '2026-11-30T05:15:00.000Z'],
  ['2026-11-29', '2026-11-28T23:00:00.000Z'],
  ['2026-11-29 18:00', '2026-11-29T17:00:00.000Z'],
  ['2026-11-29T18:00:30', '2026-11-29T17:00:30.000Z'],
  ['2026-11-29T18:00:00Z', '2026-11-29T18:00:00.000Z'],
  ['2026-11-29T18:00:00.5+05:30', '2026-11-29T12:30:00.500Z'],
])('%s', (text, instant) => expect(read(text)).toBe(instant))

test('yesterday is a day of the zone, also when its clock has changed since', () => {
  const afterChange = Date.parse('2026-10-25T12:00:00Z')
  expect(read('yesterday 18:00', 'Europe/Vienna', afterChange)).toBe('2026-10-24T16:00:00.000Z')
  expect(read('yesterday 18:00', 'Pacific/Auckland')).toBe('2026-11-29T05:00:00.000Z')
})

test('a time that the clock shows twice is the first, and one that it skips is when it skips it', () => {
  expect(read('2026-10-25 02:30')).toBe('2026-10-25T00:30:00.000Z')
  expect(read('2026-03-29 02:30')).toBe('2026-03-29T01:00:00.000Z')
})

test.each(['', 'tomorrow', '25:00', 'yesterday 24:00', '2026-13-01', '2026-11-29 18:61', '2026-11-29T18:00+99', '-5m'])(
  'refuses %s',
  (text) => expect(read(text)).toBeUndefined(),
)
