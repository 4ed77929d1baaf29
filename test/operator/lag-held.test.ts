import { expect, it } from 'vitest'
import { lagHeld } from '../../src/operator/history/lag-held.ts'

/** Begun at 0, 10 and 20 s, shown 2 s later: what is seen is 2 to 12 s old. */
const steady = [0, 10_000, 20_000].map((from) => ({ from, shown: from + 2_000 }))

it('is held for the share of the time in which nothing older was seen', () => {
  expect(lagHeld(12_000, steady, 2_000, 32_000)).toMatchObject({ target: 12_000, share: 1 })
  expect(lagHeld(7_000, steady, 2_000, 32_000)?.share).toBe(0.5)
  expect(lagHeld(2_000, steady, 2_000, 32_000)?.share).toBe(0)
})

it('has the ages of what was seen, over the time', () => {
  const { p50, p99 } = lagHeld(12_000, steady, 2_000, 32_000)!
  expect(Math.abs(p50 - 7_000)).toBeLessThanOrEqual(1)
  expect(Math.abs(p99 - 11_900)).toBeLessThanOrEqual(1)
})

it('counts rows of before the period from its beginning, and the last ones until its end', () => {
  expect(lagHeld(10_000, steady.slice(0, 1), 5_000, 15_000)?.share).toBe(0.5)
  expect(lagHeld(10_000, [{ from: 0, shown: 1_000 }], 50_000, 60_000)).toMatchObject({ share: 0, p50: 55_000 })
})

it('is unknown while nothing was shown', () => {
  expect(lagHeld(1_000, [], 0, 10_000)).toBeUndefined()
  expect(lagHeld(1_000, [{ from: 9_000, shown: 12_000 }], 0, 10_000)).toBeUndefined()
})
