import type { Crossing, Growth, GrowthComparison } from '../../comparison.ts'
import { dataTable, type Row } from '../data-table.ts'
import { named } from '../looks.ts'
import { html, type Markup, withCode } from '../markup.ts'
import type { Drawing } from '../plots/drawing.ts'
import { drawGrowth } from '../plots/growth.ts'
import { shownFigure } from '../shown-figure.ts'
import { figure } from './figure.ts'
import { choiceNames } from './headline.ts'

/** How each cost grows with the size of the data, and where one answerer becomes cheaper than another. */
export function growthSection({ growth, crossings, sizes }: GrowthComparison, drawing: Drawing): Markup {
  const costs = costsOf(growth)
  return html`${growth.some((one) => one.fit) ? fitted(crossings) : unfitted}
<div class="figures">${costs.map((cost) => {
    const of = growth.filter((one) => one.cost === cost)
    const meet = crossings.filter((one) => one.cost === cost)
    return figure(cost, '', drawGrowth(drawing, of, meet))
  })}</div>
${growthTable(growth, sizes)}`
}

const fitted = (crossings: readonly Crossing[]): Markup =>
  html`${crossingsTable(crossings)}<p class="note">Marks are medians that were measured. Lines are the fit, thin where nothing was measured. A ring is a crossing, broken where nothing was measured.</p>`

const unfitted = html`<p class="note">Marks are medians that were measured, and lines join them. A fit, and where one becomes cheaper than another, takes three sizes or more.</p>`

const costsOf = (growth: readonly Growth[]): string[] => [...new Set(growth.map((one) => one.cost))]

const byCost = (growth: readonly Growth[]): Growth[] =>
  costsOf(growth).flatMap((cost) => growth.filter((one) => one.cost === cost))

function crossingsTable(crossings: readonly Crossing[]): Markup {
  if (crossings.length === 0)
    return html`<p class="note">The sizes give no evidence that any two costs cross, at them or near them.</p>`
  return dataTable({
    title: 'Where one becomes cheaper than another',
    note: 'Where the fitted lines meet; beyond the measured sizes it is a guess.',
    columns: [
      'Cost',
      'at the size',
      { words: 'cheaper below' },
      { words: 'cheaper above' },
      { words: 'the crossing lies' },
    ],
    rows: crossings.map((one, i) => ({
      head: one.cost,
      place: `crossings.${i}`,
      cells: [
        shownFigure(one.size, 'count', { path: `crossings.${i}.size`, digits: 2 }),
        named(one.cheaperBelow),
        named(one.cheaperAbove),
        one.measured ? 'within the measured sizes' : html`<i>beyond the measured sizes</i>`,
      ],
    })),
  })
}

function growthTable(growth: readonly Growth[], sizes: GrowthComparison['sizes']): Markup {
  const all = [...new Set(sizes.map((one) => one.size))].sort((a, b) => a - b)
  return dataTable({
    title: 'Costs by size',
    note: 'Medians. The fit is cost = factor × size ^ exponent, by least squares of the logarithms: a cost of exponent zero does not grow, one of exponent one grows with the size. r² is one where the fit meets every point; of a cost that hardly grows it says little.',
    columns: ['Cost', { words: 'of' }, ...all.map((size) => `size ${size.toLocaleString('en')}`), 'exponent', 'r²'],
    rows: byCost(growth).map((one) => growthRow(one, `growth.${growth.indexOf(one)}`, all)),
  })
}

function growthRow({ cost, by, unit, points, fit }: Growth, path: string, sizes: readonly number[]): Row {
  const costs = sizes.map((size) => {
    const i = points.findIndex((point) => point.size === size)
    if (i < 0) return html`<span class="none">none</span>`
    return shownFigure(points[i]!.cost, unit, { path: `${path}.points.${i}.cost` })
  })
  const fitted = fit
    ? [
        shownFigure(fit.exponent, 'exponent', { path: `${path}.fit.exponent` }),
        shownFigure(fit.rSquared, 'exponent', { path: `${path}.fit.rSquared` }),
      ]
    : [html`<span class="none">too few sizes</span>`, '']
  return { head: cost, place: path, cells: [named(by), ...costs, ...fitted] }
}

/** What would be recommended at each size. */
export function choices({ sizes }: GrowthComparison): Markup {
  return dataTable({
    title: 'Recommendation at each size',
    note: 'The size is what the workload was asked to make; the rows are those that the definition then had.',
    columns: ['Size', 'rows', { words: 'recommended' }, { words: 'because' }],
    rows: sizes.map(({ size, comparison: { recommendation, setting } }, i) => ({
      head: html`<a href="#at-sizes.${i}">${shownFigure(size, 'count', { path: `sizes.${i}.size` })}</a>`,
      cells: [
        shownFigure(setting.rows, 'count', { path: `sizes.${i}.comparison.setting.rows` }),
        choiceNames[recommendation.choice],
        withCode(recommendation.sentences[0]?.text ?? ''),
      ],
    })),
  })
}
