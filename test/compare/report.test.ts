import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Comparison, GrowthComparison } from '../../packages/compare/src/comparison.ts'
import { figureAt } from '../../packages/compare/src/figure-at.ts'
import { growthOf } from '../../packages/compare/src/growth.ts'
import { htmlReport } from '../../packages/compare/src/report.ts'
import { drawnMarks, type Element, highest, type Page } from './report/drawn-marks.ts'
import { nearestRank, statedNumbers, states } from './report/stated-numbers.ts'
import { markupForNames, markupNames, notMeasured, syntheticComparison, type Wishes } from './report/synthetic.ts'
import { textQuery } from './report/synthetic-queries.ts'
import { untraceable } from './report/untraceable.ts'

const ugly: [string, Wishes][] = [
  ['all three targets', {}],
  ['no search target', { targets: ['table', 'view'] }],
  ['one query', { change: ({ queries }) => void queries.splice(1) }],
  ['no query', { change: ({ queries }) => void queries.splice(0) }],
  ['a query that only search answers', { change: ({ queries }) => void queries.push(textQuery(5)) }],
  ['a target that disagrees', { change: disagree }],
  ['no samples at all', { transactions: 0, change: empty }],
  ['one sample of everything', { change: single }],
  ['lags of zero', { change: zero }],
  ['names that are markup', { change: markupForNames }],
]

describe('the page of a comparison', () => {
  describe.each(ugly)('with %s', (_, wishes) => {
    const comparison = syntheticComparison(wishes)
    let page: Page
    beforeAll(async () => {
      page = parsed(await htmlReport(comparison))
    })

    it('shows no number that is not its figure', () => {
      expectFigures(page, comparison)
    })

    it('states no other number either, in its sentences and drawings', () => {
      expect(untraceable(page, comparison)).toEqual([])
    })

    it('links every claim to a place in the page', () => {
      for (const link of page.querySelectorAll('a[href]')) {
        const href = link.getAttribute('href')!
        expect(href).toMatch(/^#/)
        expect(page.getElementById(href.slice(1)), href).not.toBeNull()
      }
    })
  })

  it('draws lags where its axes say that they are', async () => {
    const comparison = syntheticComparison()
    const page = parsed(await htmlReport(comparison))
    for (const svg of page.querySelectorAll('svg[aria-label^="Lag of each target"]')) {
      const marks = drawnMarks(svg, { x: 'linear', y: 'logarithmic' })
      expect(marks.length).toBeGreaterThan(900)
      for (const { x, y, color } of marks) {
        const { lag } = comparison.targets.find((one) => color === `var(--${one.materializer})`)!
        expect(lag.samples.some(({ at, value }) => near(at, x) && near(value, y))).toBe(true)
      }
    }
  })

  it('draws what was never seen as not visible', async () => {
    const change: Wishes['change'] = ({ targets }) => Object.assign(targets[2]!, { neverSeen: 600 })
    const page = parsed(await htmlReport(syntheticComparison({ change })))
    const svg = page.querySelector('svg[aria-label^="Cumulative"]')!
    const percent = [...svg.querySelectorAll('g[data-mark=line]')].map((line) => highest(svg, line))
    expect(percent).toEqual([100, 100, 50])
  })

  it('holds the document, unchanged', async () => {
    const comparison = syntheticComparison({ change: markupForNames })
    const page = parsed(await htmlReport(comparison))
    expect(JSON.parse(page.getElementById('comparison')!.textContent!)).toEqual(JSON.parse(JSON.stringify(comparison)))
  })

  it('writes names and reasons as text, never as markup', async () => {
    const text = await htmlReport(syntheticComparison({ change: markupForNames }))
    const page = parsed(text)
    expect(page.querySelectorAll('script')).toHaveLength(1)
    expect(page.querySelectorAll('img')).toHaveLength(0)
    expect([...page.querySelectorAll('article h3')].map((one) => one.textContent)).toEqual(markupNames.slice(0, 3))
  })

  it('has a caption on every table and drawing, a description on every drawing, and heads on rows and columns', async () => {
    const page = parsed(await htmlReport(syntheticComparison()))
    for (const table of page.querySelectorAll('table')) {
      expect(table.querySelector('caption')!.textContent).not.toBe('')
      expect(table.querySelectorAll('thead th[scope=col]').length).toBeGreaterThan(1)
      for (const row of table.querySelectorAll('tbody tr'))
        expect(row.querySelectorAll('th[scope=row]')).toHaveLength(1)
    }
    for (const figure of page.querySelectorAll('figure')) {
      expect(figure.querySelector('figcaption')!.textContent!.trim()).not.toBe('')
      for (const drawing of figure.querySelectorAll('svg.plot')) {
        expect(drawing.getAttribute('aria-label')).toBeTruthy()
        expect(drawing.getAttribute('role')).toBe('img')
        expect(drawing.querySelectorAll('[aria-label]')).toHaveLength(0)
      }
    }
  })

  it.each([
    ['one', () => syntheticComparison()],
    ['several', () => syntheticGrowth([2_000, 20_000])],
  ])('has a language, a title, and headings that leave out no level (%s)', async (_, document) => {
    const page = parsed(await htmlReport(document()))
    const levels = [...page.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName.slice(1)))
    expect(page.documentElement.getAttribute('lang')).toBe('en')
    expect(page.title).toBe('order_summary: comparison')
    expect(levels.filter((one) => one === 1)).toEqual(levels.slice(0, 1))
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1)
  })

  it('fetches nothing: it names no address outside of itself', async () => {
    const text = await htmlReport(syntheticComparison())
    const addresses = text.match(/\b(?:https?:)?\/\/[\w.]+/g) ?? []
    expect(addresses.filter((one) => one !== 'http://www.w3.org')).toEqual([])
    expect(text).not.toContain('@import')
  })
})

describe('the page of a comparison at several sizes', () => {
  const document = syntheticGrowth()
  let page: Page
  beforeAll(async () => {
    page = parsed(await htmlReport(document))
  })

  it('shows no number that is not its figure, and the comparison of every size', () => {
    expectFigures(page, document)
    expect(untraceable(page, document)).toEqual([])
    expect(page.querySelectorAll('details.size')).toHaveLength(document.sizes.length)
  })

  it('draws every cost where its axes say that it is', () => {
    const drawn = [...page.querySelectorAll('svg[aria-label$="against the size of the data"]')].flatMap((svg) =>
      drawnMarks(svg, { x: 'logarithmic', y: 'logarithmic' }).filter(({ color }) => color !== 'none' && color),
    )
    const points = document.growth.flatMap((one) =>
      one.points.map((point) => ({ ...point, color: `var(--${one.by})` })),
    )
    expect(drawn).toHaveLength(points.length)
    for (const { size, cost, color } of points) {
      expect(drawn.some((one) => one.color === color && near(one.x, size) && near(one.y, cost))).toBe(true)
    }
  })

  it.each([[[2_000]], [[2_000, 20_000]]])('says that %j are too few sizes to fit', async (sizes) => {
    const { body } = parsed(await htmlReport(syntheticGrowth(sizes)))
    expect(body.textContent).toContain('too few sizes')
    expect(body.textContent).toContain('takes three sizes or more')
    expect(body.textContent).not.toContain('evidence')
  })
})

const parsed = (text: string): Page => parseHTML(text).document

function syntheticGrowth(sizes: readonly number[] = [2_000, 20_000, 200_000, 2_000_000]): GrowthComparison {
  const compared = sizes.map((size) => ({
    size,
    comparison: syntheticComparison({ rows: size, latency: { definition: size / 2_000, table: 0.9 } }),
  }))
  return { readModel: 'order_summary', sizes: compared, ...growthOf(compared) }
}

function expectFigures(page: Page, document: Comparison | GrowthComparison): void {
  const shown = [...page.querySelectorAll('[data-figure]')]
  expect(shown.length).toBeGreaterThan(10)
  for (const one of shown) {
    const expected = figureOf(one, document)
    const [stated, ...more] = statedNumbers(one.textContent!)
    expect(more, one.outerHTML).toEqual([])
    const digits = one.getAttribute('data-digits')
    const rounded = digits === null ? expected : Number(expected.toPrecision(Number(digits)))
    expect(states(stated!, rounded), `${one.outerHTML} shows ${expected}`).toBe(true)
    expect(Number(one.getAttribute('value'))).toBe(expected)
  }
}

/** As drawings go, to a thousandth. */
const near = (one: number, other: number): boolean => Math.abs(one - other) <= 0.001 * Math.max(one, other, 0.01)

/** What an element that names a figure ought to show, computed again from the document. */
function figureOf(element: Element, document: object): number {
  const named = figureAt(document, element.getAttribute('data-figure')!)
  const share = element.getAttribute('data-percentile')
  const field = element.getAttribute('data-field')
  const per = element.getAttribute('data-per')
  if (share !== null)
    return nearestRank(
      listOf(named).map((one) => one[field ?? 'value']!),
      Number(share) * 100,
    )
  const value = Array.isArray(named) ? named.length : amountOf(named)
  return per === null ? value : value / amountOf(figureAt(document, per))
}

const listOf = (figure: unknown): Record<string, number>[] =>
  Array.isArray(figure) ? figure : (figure as { samples: Record<string, number>[] }).samples

const amountOf = (figure: unknown): number =>
  typeof figure === 'number' ? figure : (figure as { value: number }).value

type Measured = Parameters<NonNullable<Wishes['change']>>[0]

function disagree({ targets, queries }: Measured): void {
  targets[2]!.verified = { equal: false, rows: 120_000, missing: 4, surplus: 1, different: 23 }
  Object.assign(queries[0]!.answers[2]!, { equal: false })
}

function seriesOf({ targets, queries }: Measured): { samples: { value: number }[] }[] {
  return [
    ...targets.flatMap((one) => [one.lag, one.refresh]),
    ...queries.flatMap(({ answers, index }) => [
      ...answers.flatMap((one) => ('latency' in one ? [one.latency] : [])),
      ...(index ? [index.latency] : []),
    ]),
  ]
}

function empty(measured: Measured): void {
  for (const series of seriesOf(measured)) series.samples = []
  for (const target of measured.targets) {
    Object.assign(target, {
      rows: notMeasured('It is gone.'),
      storage: notMeasured('It is gone.'),
      rebuild: notMeasured('It stood.'),
    })
    target.work.events = notMeasured('No event was written.')
  }
}

function single(measured: Measured): void {
  for (const series of seriesOf(measured)) series.samples = series.samples.slice(0, 1)
}

function zero({ targets }: Measured): void {
  for (const sample of targets[0]!.lag.samples) sample.value = 0
}
