import { describe, expect, it } from 'vitest'
import { fewOrMany } from '../support/long.ts'
import { violationIn } from './history.ts'
import { type Rule, sound, subtle } from './rules.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)
const histories = fewOrMany(150, 2_000)
const rules = Object.keys(sound) as Rule[]

describe('the model of the protocol', { timeout: 300_000 }, () => {
  it(`keeps every row right in ${histories} random histories (TRIFOLD_TEST_SEED=${seed})`, () => {
    for (let one = seed; one < seed + histories; one++) expect(violationIn(one), `seed ${one}`).toBeUndefined()
  })

  it.each(rules)('does not without the rule %s', (rule) => {
    const from = subtle.get(rule) ?? 1
    const seeds = Array.from({ length: 300 }, (_, place) => from + place)
    expect(seeds.some((one) => violationIn(one, { [rule]: false }) !== undefined)).toBe(true)
  })
})
