import type { Comparison } from '../../comparison.ts'
import { html, type Markup, type Piece } from '../markup.ts'
import { shownCount, shownFigure } from '../shown-figure.ts'

/** Where, when and on what it was measured. */
export function setting(comparison: Comparison, prefix: string): Markup {
  const { setting: here, load } = comparison
  const facts: [string, Piece][] = [
    ['Rows of the definition', shownCount(here.rows, `${prefix}setting.rows`)],
    ['Tables it reads', shownFigure(here.sourceBytes, 'bytes', { path: `${prefix}setting.sourceBytes` })],
    [load.kind === 'rate' ? 'Load' : 'Load, replayed', rates(comparison, prefix)],
    [
      'Duration',
      html`${shownFigure(here.seconds, 'rate', { path: `${prefix}setting.seconds` })}<span class="unit">\u00a0s</span>`,
    ],
    ['Events written', shownCount(load.events, `${prefix}load.events`)],
    ['PostgreSQL, OpenSearch', `${here.postgres}, ${here.openSearch ?? 'none'}`],
    ['Node.js', `${here.node} on ${here.cpus} CPUs`],
    ['Measured', new Date(here.startedAt).toISOString().replace('T', ' ').slice(0, 16).concat(' UTC')],
  ]
  return html`<dl class="setting" id="at-${prefix}setting">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}

function rates({ load }: Comparison, prefix: string): Markup {
  const reached = shownFigure(load.reached, 'rate', { path: `${prefix}load.reached` })
  const asked = shownFigure(load.rate, 'rate', { path: `${prefix}load.rate` })
  return html`${reached} of ${asked} transactions/s`
}
