import { expect, test } from 'vitest'
import { format } from '../../../../examples/shop/web/format.ts'

test('a time is told with its day unless that is today', () => {
  const now = new Date('2026-03-02T00:00:30.000Z')
  expect(format.clock('2026-03-02T00:00:00.000Z', now)).toBe('00:00:00')
  expect(format.clock('2026-03-01T23:59:59.999Z', now)).toBe('Sun 1 Mar, 23:59:59')
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_500, '1.5 s'],
  [119_000, '119.0 s'],
  [120_000, '2 min'],
  [119 * 60_000, '119 min'],
  [72 * 3_600_000, '72 h'],
])('%i ms are told as %s', (ms, told) => {
  expect(format.span(ms)).toBe(told)
})
