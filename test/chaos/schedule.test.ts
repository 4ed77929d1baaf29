import { expect, it } from 'vitest'
import { readOptions } from './options.ts'
import { kindNames, scheduleOf } from './schedule.ts'
import { slopeOf } from './slope.ts'

const inWords = (seed: number, only?: string[]) =>
  scheduleOf(seed, 120_000, only).map(({ at, blow }) => `${at} ${blow.what}`)

it('draws the same schedule from a seed each time, and another from another', () => {
  expect(inWords(7)).toEqual(inWords(7))
  expect(inWords(7)).not.toEqual(inWords(8))
})

it('draws every kind, and only the kinds that are asked for', () => {
  const drawn = new Set(
    Array.from({ length: 40 }, (_, seed) => scheduleOf(seed, 120_000))
      .flat()
      .map(({ blow }) => blow.hold),
  )
  for (const hold of [
    'worker 1',
    'worker 2',
    'postgres',
    'openSearch',
    'redis',
    'sessions',
    'rebuild',
    'verify',
    'switch',
    'retry',
    'clock of worker 1',
    'clock of worker 2',
  ])
    expect(drawn).toContain(hold)
  expect(new Set(scheduleOf(7, 120_000, ['flush']).map(({ blow }) => blow.what))).toEqual(new Set(['flush redis']))
})

it('refuses options that it does not know', () => {
  expect(readOptions(['--seed', '3', '--only', 'kill, flush'])).toMatchObject({
    seed: 3,
    minutes: 2,
    only: ['kill', 'flush'],
  })
  expect(() => readOptions(['--only', 'flood'])).toThrow(`no kind of failure is called flood: ${kindNames.join(', ')}`)
  expect(() => readOptions(['--minutes', 'two'])).toThrow('--minutes takes a number above 0, not two')
  expect(() => readOptions(['--mutant', 'none'])).toThrow('no mutant is called none: cursor first')
  expect(() => readOptions(['--minuts', '2'])).toThrow('--minuts')
})

it('finds the slope of a line', () => {
  expect(
    slopeOf([
      [0, 1],
      [1, 4],
      [2, 7],
    ]),
  ).toBe(3)
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 1],
    ]),
  ).toBe(0)
})
