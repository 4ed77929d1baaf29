import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Pace } from '../../src/rebuild/pace.ts'
import { Progress } from '../../src/rebuild/progress.ts'
import { RangeSize } from '../../src/rebuild/range-size.ts'
import { Observed } from '../support/observed.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

it('says rows a second and the time left, without the rows of an interrupted rebuild', () => {
  const observed = new Observed()
  const progress = new Progress(observed.observe, 'order_summary@table')
  progress.report(1_000, 5_000)
  vi.advanceTimersByTime(2_000)
  progress.report(3_000, 5_000)
  expect(observed.of('rebuild.progressed')).toMatchObject([
    { rows: 1_000, total: 5_000 },
    { rows: 3_000, total: 5_000, rowsPerSecond: 1_000, secondsLeft: 2 },
  ])
  expect(observed.text()).toMatch(/built 3,000 of 5,000 \(60 %\), 1,000 a second, 2(\.0)? s left/)
})

it('holds a copy back to its rate, also if several copy', async () => {
  const pace = new Pace(100)
  let ended = 0
  const copies = [50, 50].map((rows) => pace.after(rows).then(() => ended++))
  await vi.advanceTimersByTimeAsync(499)
  expect(ended).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(ended).toBe(1)
  await vi.advanceTimersByTimeAsync(500)
  await Promise.all(copies)
})

it('makes ranges as large as half a second allows, within bounds', () => {
  const size = new RangeSize()
  expect(size.rows).toBe(10_000)
  size.took(250)
  expect(size.rows).toBe(20_000)
  for (let range = 0; range < 10; range++) size.took(1)
  expect(size.rows).toBe(100_000)
  size.took(1_000)
  expect(size.rows).toBe(50_000)
  size.took(60_000)
  expect(size.rows).toBe(12_500)
})
