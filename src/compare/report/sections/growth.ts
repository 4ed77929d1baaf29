import type { Crossing, Growth, GrowthComparison } from '../../comparison.ts'
import { dataTable, type Row } from '../data-table.ts'
import { sign } from '../looks.ts'
import { html, type Markup } from '../markup.ts'
import type { Drawing } from '../plots/drawing.ts'
import { drawGrowth } from '../plots/growth.ts'
import { shownCount, shownFigure } from '../shown-figure.ts'
import { figure } from './figure.ts'

/** How each cost grows with the rows of the definition, and where one answerer becomes cheaper than another. */
export function growthSection({ growth, crossings, sizes }: GrowthComparison, drawing: Drawing): Markup {
  const costs = [...new Set(growth.map((one) => one.cost))]
  return html`${crossingsTable(crossings)}
<div class="figures">${costs.map((cost) => {
    const of = growth.filter((one) => one.cost === cost)
    const meet = crossings.filter((one) => one.cost === cost)
    return figure(cost, '', drawGrowth(drawing, of, meet))
  })}</div>
${growthTable(growth, sizes)}`
}

function crossingsTable(crossings: readonly Crossing[]): Markup {
  if (crossings.length === 0) return html`<p class="note">No two costs cross at the measured sizes or near them.</p>`
  return dataTable({
    title: 'Where one becomes cheaper than another',
    note: 'Where the fitted lines meet. Outside of the measured sizes it is a guess.',
    columns: ['Cost', 'rows', 'cheaper below', 'cheaper above', ''],
    rows: crossings.map((one, i) => ({
      head: one.cost,
      place: `crossings.${i}`,
      cells: [
        shownCount(one.size, `crossings.${i}.size`),
        html`${sign(one.cheaperBelow)} ${one.cheaperBelow}`,
        html`${sign(one.cheaperAbove)} ${one.cheaperAbove}`,
        one.measured ? 'within the measured sizes' : html`<span class="bad">beyond the measured sizes</span>`,
      ],
    })),
  })
}

function growthTable(growth: readonly Growth[], sizes: GrowthComparison['sizes']): Markup {
  const all = [...new Set(sizes.map((one) => one.size))].sort((a, b) => a - b)
  return dataTable({
    title: 'Costs by size',
    note: 'Medians. The fit is cost = factor × rows ^ exponent, by least squares of the logarithms: exponent 0 does not grow, 1 grows with the rows.',
    columns: ['Cost', ...all.map((size) => `${size.toLocaleString('en')} rows`), 'exponent', 'r²'],
    rows: growth.map((one, i) => growthRow(one, `growth.${i}`, all)),
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
        shownFigure(fit.exponent, 'rate', { path: `${path}.fit.exponent` }),
        shownFigure(fit.rSquared, 'rate', { path: `${path}.fit.rSquared` }),
      ]
    : [html`<span class="none">too few sizes</span>`, '']
  return { head: html`${sign(by)} ${cost}, ${by}`, place: path, cells: [...costs, ...fitted] }
}

/** What would be recommended at each size. */
export function choices({ sizes }: GrowthComparison): Markup {
  return dataTable({
    title: 'Recommendation at each size',
    columns: ['Rows', 'recommended', 'because'],
    rows: sizes.map(({ size, comparison: { recommendation } }, i) => ({
      head: html`<a href="#at-sizes.${i}">${shownFigure(size, 'count', { path: `sizes.${i}.size` })}</a>`,
      cells: [recommendation.choice, html`<span class="words">${recommendation.sentences[0]?.text}</span>`],
    })),
  })
}
