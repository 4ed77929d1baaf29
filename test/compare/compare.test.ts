import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Amount, Comparison, TargetFigures } from '../../packages/compare/src/comparison.ts'
import { figureAt } from '../../packages/compare/src/figure-at.ts'
import { expectPrintedFigures, overlongLines } from './printed.ts'
import { expectSupported } from './recommend/supported.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

let shop: ComparedShop
let before: string[]
let comparison: Comparison
beforeAll(async () => {
  shop = await createComparedShop()
  before = await shop.traces()
  comparison = await shop.compare('order_summary')
})
afterAll(() => shop.close())

const withSearch = inject('openSearchUrl') !== ''
const kinds = withSearch ? ['table', 'view', 'search'] : ['table', 'view']
const times = (target: TargetFigures) => target.lag.samples.map(({ at }) => at)

describe('a comparison of targets that did not exist', () => {
  it('has all three targets, created for it', () => {
    expect(comparison.targets.map(({ materializer, temporary }) => [materializer, temporary])).toEqual(
      kinds.map((kind) => [kind, true]),
    )
  })

  it('notes of each transaction how long it took, and how much of it the append', () => {
    const { transactions, events, kind } = comparison.load
    expect(kind).toBe('rate')
    expect(transactions.length).toBeGreaterThan(0)
    expect(events).toBe(transactions.reduce((sum, one) => sum + one.events, 0))
    for (const { total, append } of transactions) {
      expect(append).toBeGreaterThan(0)
      expect(total).toBeGreaterThan(append)
    }
  })

  it('has a lag for every transaction in every target, each with the time of its commit', () => {
    const committed = new Set(comparison.load.transactions.map(({ at }) => at))
    for (const target of comparison.targets) {
      expect(target.lag.samples.length + target.neverSeen).toBe(committed.size)
      expect(times(target).filter((at) => !committed.has(at))).toEqual([])
      expect(target.lag.samples.every(({ value }) => value >= 0)).toBe(true)
    }
  })

  it('finds every target equal to the definition, row by row', () => {
    for (const { verified, rows } of comparison.targets) {
      expect(verified).toMatchObject({ equal: true, missing: 0, surplus: 0, different: 0 })
      expect(rows).toMatchObject({ value: verified.rows })
    }
  })

  it('has an amount or a reason for everything, and no amount below zero', () => {
    for (const { work, storage, rebuild } of comparison.targets) {
      const amounts: Amount[] = [...Object.values(work), storage, rebuild]
      for (const amount of amounts) {
        if ('value' in amount) expect(amount.value).toBeGreaterThanOrEqual(0)
        else expect(amount.notMeasured).toMatch(/\w/)
      }
      expect(work.workerCpu).toMatchObject({ unit: 'ms' })
    }
  })

  it('counts the events of the load and no others in each target', () => {
    for (const { materializer, work } of comparison.targets) {
      expect(work.events, materializer).toMatchObject({ value: comparison.load.events })
    }
  })

  it('times the refreshes of the view and the index refreshes, as long as the load was watched', () => {
    const seen = comparison.targets.flatMap(({ lag }) => lag.samples.map(({ at, value }) => at + value / 1_000))
    const watchedUntil = Math.max(...seen)
    for (const { materializer, refresh } of comparison.targets) {
      if (materializer === 'table') {
        expect(refresh.samples).toEqual([])
        continue
      }
      expect(refresh.samples.length).toBeGreaterThan(0)
      expect(Math.max(...refresh.samples.map(({ at }) => at))).toBeLessThan(watchedUntil + 2)
    }
  })

  it('leaves nothing behind: no relation, no row of its own, no index', async () => {
    expect(await shop.traces()).toEqual(before)
  })
})

describe('its queries', () => {
  it('are asked of each target and of the definition, with the same rows', () => {
    expect(comparison.queries.length).toBeGreaterThan(4)
    for (const { answers, named } of comparison.queries) {
      expect(named).toBe(false)
      expect(answers.map(({ by }) => by)).toEqual(['definition', ...kinds])
      expect(answers.filter((answer) => 'equal' in answer && !answer.equal)).toEqual([])
    }
  })

  it('say what a target cannot do', () => {
    const text = comparison.queries.find(({ name }) => name.startsWith('the word'))
    const refused = text?.answers.filter((answer) => 'cannot' in answer) ?? []
    if (!withSearch) return expect(text).toBeUndefined()
    expect(refused.map(({ by }) => by)).toEqual(['definition', 'table', 'view'])
    expect(refused[0]).toMatchObject({ cannot: 'it has no full text; ask order_summary@search' })
  })

  it('name the tables that the definition reads from end to end', () => {
    const byStatus = comparison.queries.find(({ name }) => name.startsWith('status = '))
    expect(byStatus?.plan.scans).toContain('public.orders')
  })
})

describe('what is shown of it', () => {
  it('is a document whose every cited figure stands in it', () => {
    const document = JSON.parse(JSON.stringify(comparison)) as Comparison
    for (const { figures } of document.recommendation.sentences) {
      for (const path of figures) expect(figureAt(document, path), path).not.toBeUndefined()
    }
  })

  it('is a text of at most 100 columns, whose every figure is that of the raw samples', () => {
    expectPrintedFigures(comparison)
    expect(overlongLines(comparison)).toEqual([])
  })

  it('states no number in its advice that is not a figure that it cites', () => {
    for (const claim of comparison.recommendation.sentences) expectSupported(comparison, claim)
  })
})
