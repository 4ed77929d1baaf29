import { expect, test } from 'vitest'
import { nextRun, offsetOf, readTiming } from '../../src/timing.ts'

const target = 'order_summary@view'

test.each([
  [{ every: '30s' }, { kind: 'every', ms: 30_000 }],
  [{ every: 250 }, { kind: 'every', ms: 250 }],
  [{ cron: '0 3 * * *' }, { kind: 'cron', pattern: '0 3 * * *', timeZone: 'UTC' }],
  [
    { cron: '*/10 * * * * *', timeZone: 'Europe/Berlin' },
    { kind: 'cron', pattern: '*/10 * * * * *', timeZone: 'Europe/Berlin' },
  ],
  [{}, undefined],
] as const)('%o is read as %o', async (input, timing) => {
  expect(await readTiming(target, input)).toEqual(timing)
})

test.each([
  [{ every: 'soon' }, 'the interval "soon"'],
  [{ every: '50ms' }, 'at least 100 ms'],
  [{ every: '30s', cron: '* * * * *' }, 'keep one'],
  [{ every: '30s', timeZone: 'UTC' }, '`timeZone` without `cron`'],
  [{ cron: 'every day' }, 'of 2 fields'],
  [{ cron: '61 * * * *' }, 'write five fields'],
  [{ cron: '0 0 30 2 *' }, '"0 0 30 2 *"'],
  [{ cron: '0 3 * * *', timeZone: 'Mars/Olympus' }, 'the unknown time zone "Mars/Olympus"'],
])('%o is refused', async (input, message) => {
  await expect(readTiming(target, input as never)).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringMatching(new RegExp(`^schedule: ${target} .*${message.replaceAll(/[*()]/g, '\\$&')}`)),
  })
})

test('a pattern is read in its time zone, also across the change to summer time', async () => {
  const timing = { kind: 'cron', pattern: '30 8 * * *', timeZone: 'Europe/Berlin' } as const
  const next = async (now: string) => new Date((await nextRun(target, timing, Date.parse(now))) as number).toISOString()
  expect(await next('2026-03-28T12:00:00Z')).toBe('2026-03-29T06:30:00.000Z')
  expect(await next('2026-03-27T12:00:00Z')).toBe('2026-03-28T07:30:00.000Z')
})

test('targets with one interval are spread over it, each always at the same place', async () => {
  const offsets = Array.from({ length: 50 }, (_, n) => offsetOf(`model_${n}@view`, 60_000))
  expect(new Set(offsets.map((offset) => Math.floor(offset / 6_000))).size).toBeGreaterThan(7)
  expect(offsets.every((offset) => offset > 0 && offset < 60_000)).toBe(true)
  expect(offsetOf('model_1@view', 60_000)).toBe(offsets[1])
  const now = 1_700_000_000_000
  const due = (await nextRun('model_1@view', { kind: 'every', ms: 60_000 }, now)) as number
  expect(due % 60_000).toBe(offsets[1])
  expect(due - now).toBeGreaterThanOrEqual(0)
  expect(due - now).toBeLessThan(60_000)
})
