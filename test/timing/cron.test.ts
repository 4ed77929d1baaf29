import { describe, expect, test } from 'vitest'
import { nextRun, type Timing } from '../../src/timing.ts'
import { fewOrMany, someOrAll } from '../support/long.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const zones = someOrAll(Intl.supportedValuesOf('timeZone'), seed)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const [from, until] = [Date.UTC(2024, 0, 1), Date.UTC(2027, 0, 1)]

/** Another calculation than the one under test: the text of the wall, looked at minute by minute. */
function wallOf(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return (instant) => format.format(instant)
}

/** The minutes at which the wall of a zone jumps, each with what tells zones apart that jump then. */
function changesOf(timeZone: string): { at: number; key: string }[] {
  const wall = wallOf(timeZone)
  const offset = (instant: number) => (Date.parse(`${wall(instant).replace(' ', 'T')}:00Z`) - instant) / minute
  const jumps = (start: number, end: number, step: number): number[] => {
    const starts = Array.from({ length: (end - start) / step }, (_, n) => start + n * step)
    return starts.filter((one) => offset(one) !== offset(one + step))
  }
  return jumps(from, until, day)
    .flatMap((one) => jumps(one, one + day, hour))
    .flatMap((one) => jumps(one, one + hour, minute))
    .map((one) => ({ at: one + minute, key: `${one} ${offset(one)} ${offset(one + minute)}` }))
}

/** The minutes around a change, with what the wall shows. */
function minutesAround(timeZone: string, change: number): [at: number, wall: string][] {
  const wall = wallOf(timeZone)
  return Array.from({ length: (54 * hour) / minute }, (_, n) => {
    const at = change - 27 * hour + n * minute
    return [at, wall(at)]
  })
}

/** Of every whole day: the first minute at which the wall shows the time or, if it never does, has passed it. */
function dueMinutes(minutes: readonly [number, string][], time: string): number[] {
  const due = new Map<string, { at: number; isShown: boolean }>()
  for (const [at, wall] of minutes) {
    const [date, now] = wall.split(' ') as [string, string]
    const known = due.get(date)
    if (now < time || known?.isShown || (known && now > time)) continue
    due.set(date, { at, isShown: now === time })
  }
  return [...due.values()].slice(1).map(({ at }) => at)
}

/** Of the first zone that makes a change, and of the others. */
const [times, fewTimes] = [
  ['00:00', '00:30', '02:00', '02:30', '12:00'],
  ['00:00', '02:30'],
]

test('a daily time comes once each local day of every zone, around every change of its clock', async () => {
  const around = new Map<string, [number, string][]>()
  let checked = 0
  for (const timeZone of zones) {
    for (const { at: change, key } of changesOf(timeZone)) {
      const asked = around.has(key) ? fewTimes : times
      const minutes = around.get(key) ?? minutesAround(timeZone, change)
      around.set(key, minutes)
      for (const time of asked) {
        const [hours, minutesOfHour] = time.split(':').map(Number)
        const timing = { kind: 'cron', pattern: `${minutesOfHour} ${hours} * * *`, timeZone } as const
        const expected = dueMinutes(minutes, time)
        const found = await runsFrom(timing, expected[0] as number, expected.length)
        expect({ timeZone, time, runs: found.map(iso) }).toEqual({ timeZone, time, runs: expected.map(iso) })
        checked += found.length
      }
    }
  }
  expect(checked, `seed ${seed}`).toBeGreaterThan(fewOrMany(500, 2_000))
})

async function runsFrom(timing: Timing, start: number, count: number): Promise<number[]> {
  const found: number[] = []
  for (let at = start; found.length < count; at = (found.at(-1) as number) + 1) {
    found.push((await nextRun('x@view', timing, at)) as number)
  }
  return found
}

const iso = (at: number) => new Date(at).toISOString()

describe('the next runs of', () => {
  test.each([
    ['a time in a gap', '30 2 * * *', 'Europe/Vienna', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    [
      'two times in a gap',
      '0,30 2 * * *',
      'Europe/Vienna',
      '2026-03-29T00:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:00'],
    ],
    ['a doubled time', '30 2 * * *', 'Europe/Vienna', '2026-10-25T00:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['a doubled time, from between', '30 2 * * *', 'Europe/Vienna', '2026-10-25T01:00Z', ['2026-10-26T01:30']],
    [
      'a midnight in a gap',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-06T00:00Z',
      ['2026-09-06T04:00', '2026-09-07T03:00'],
    ],
    [
      'a midnight in a gap in Cairo',
      '0 0 * * *',
      'Africa/Cairo',
      '2026-04-23T00:00Z',
      ['2026-04-23T22:00', '2026-04-24T21:00'],
    ],
    [
      'a day that was left out',
      '30 2 * * *',
      'Pacific/Apia',
      '2011-12-29T00:00Z',
      ['2011-12-29T12:30', '2011-12-30T12:30'],
    ],
    [
      'every half hour over a gap',
      '*/30 * * * *',
      'Europe/Vienna',
      '2026-03-29T00:15Z',
      ['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30'],
    ],
    [
      'every half hour through a doubled hour',
      '*/30 * * * *',
      'Europe/Vienna',
      '2026-10-25T00:00Z',
      ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-25T02:00'],
    ],
    [
      'every hour of a day of the year',
      '30 * 25 10 *',
      'Europe/Vienna',
      '2026-10-25T00:45Z',
      ['2026-10-25T01:30', '2026-10-25T02:30'],
    ],
    ['six fields', '*/20 30 8 * * 1-5', 'Europe/Berlin', '2026-03-27T12:00Z', ['2026-03-30T06:30', '2026-03-30T06:30']],
    ['the last day of a month', '0 3 L * *', 'UTC', '2026-02-01T00:00Z', ['2026-02-28T03:00', '2026-03-31T03:00']],
  ] as const)('%s', async (_, pattern, timeZone, start, expected) => {
    const found = await runsFrom({ kind: 'cron', pattern, timeZone }, Date.parse(start), expected.length)
    expect(found.map((at) => iso(at).slice(0, 16))).toEqual(expected)
  })
})
