import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KnownWorker } from '../../src/schema/workers.ts'
import { assign } from '../../src/worker/assignment.ts'

const worker = (id: string, targets: readonly string[], version = 1): KnownWorker => ({
  id,
  targets: new Map(targets.map((target) => [target, version])),
})
const numbered = (count: number) => Array.from({ length: count }, (_, place) => `t${String(place).padStart(3, '0')}`)
const loads = (assignment: ReadonlyMap<string, string>) => {
  const counts = new Map<string, number>()
  for (const id of assignment.values()) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts.values()].sort((one, other) => one - other)
}
const moved = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) =>
  [...after].filter(([target, id]) => before.has(target) && before.get(target) !== id).length

/** The smallest sum of the squares of the loads that any assignment has. */
function bestCost(workers: readonly KnownWorker[], targets: readonly string[]): number {
  const [target, ...rest] = targets
  const load = new Map(workers.map(({ id }) => [id, 0]))
  const search = (left: readonly string[]): number => {
    const [next, ...others] = left
    if (next === undefined) return [...load.values()].reduce((sum, one) => sum + one * one, 0)
    const costs = workers
      .filter((one) => one.targets.has(next))
      .map(({ id }) => {
        load.set(id, (load.get(id) ?? 0) + 1)
        const cost = search(others)
        load.set(id, (load.get(id) ?? 0) - 1)
        return cost
      })
    return Math.min(...costs)
  }
  return target === undefined ? 0 : search([target, ...rest])
}

describe('the targets of several workers', () => {
  it('are shared evenly, whoever had them', () => {
    const targets = numbered(7)
    const all = ['a', 'b', 'c'].map((id) => worker(id, targets))
    const owners = new Map(targets.map((target) => [target, 'a']))
    const shared = assign(all, owners)
    expect(loads(shared)).toEqual([2, 2, 3])
    expect(moved(owners, shared)).toBe(4) // no more than it takes
  })

  it('stay where they are if a worker ends, but for its own', () => {
    const targets = numbered(9)
    const all = ['a', 'b', 'c'].map((id) => worker(id, targets))
    const before = assign(all, new Map())
    const after = assign(all.slice(1), before)
    expect(loads(after)).toEqual([4, 5])
    expect([...after].filter(([target, id]) => before.get(target) !== 'a' && before.get(target) !== id)).toEqual([])
  })

  it('go to the newest handlers, all at once', () => {
    const targets = numbered(4)
    const old = ['a', 'b'].map((id) => worker(id, targets, 1))
    const before = assign(old, new Map())
    expect(loads(assign([...old, worker('c', targets, 2)], before))).toEqual([4])
  })

  it('move along a path if no single move helps', () => {
    const workers = [worker('a', ['t1', 't2']), worker('b', ['t2', 't3']), worker('c', ['t3'])]
    const owners = new Map([
      ['t1', 'a'],
      ['t2', 'a'],
      ['t3', 'b'],
    ])
    expect(loads(assign(workers, owners))).toEqual([1, 1, 1])
  })

  it('leave out those that no worker can keep, and owners that have ended', () => {
    const shared = assign(
      [worker('a', ['t1'])],
      new Map([
        ['t1', 'gone'],
        ['t2', 'gone'],
      ]),
    )
    expect([...shared]).toEqual([['t1', 'a']])
  })

  it('are shared as evenly as can be, the same by all, and then stay (any sets of workers and targets)', () => {
    const targets = numbered(6)
    const sets = fc.array(fc.subarray(targets), { minLength: 1, maxLength: 4 })
    const owned = fc.dictionary(fc.constantFrom(...targets), fc.constantFrom('w0', 'w1', 'w2', 'gone'))
    fc.assert(
      fc.property(sets, owned, (able, owners) => {
        const workers = able.map((one, place) => worker(`w${place}`, one))
        const shared = assign(workers, new Map(Object.entries(owners)))
        const wanted = targets.filter((target) => able.some((one) => one.includes(target)))
        expect([...shared.keys()].sort()).toEqual(wanted)
        for (const [target, id] of shared) expect(workers.find((one) => one.id === id)?.targets.has(target)).toBe(true)
        expect(loads(shared).reduce((sum, one) => sum + one * one, 0)).toBe(bestCost(workers, wanted))
        expect(assign([...workers].reverse(), new Map(Object.entries(owners)))).toEqual(shared)
        expect(assign(workers, shared)).toEqual(shared)
      }),
      { numRuns: 300 },
    )
  })
})
