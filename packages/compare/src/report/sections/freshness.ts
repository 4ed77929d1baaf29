import type { Comparison, TargetFigures } from '../../comparison.ts'
import { dataTable, type Row } from '../data-table.ts'
import { key, named } from '../looks.ts'
import { html, type Markup } from '../markup.ts'
import type { Drawing } from '../plots/drawing.ts'
import { drawLagOverTime } from '../plots/lag-over-time.ts'
import { drawLagShares } from '../plots/lag-shares.ts'
import { refreshNote } from '../plots/load-time.ts'
import { drawWriters } from '../plots/writers-over-time.ts'
import { shownCount, shownFigure, shownPercentile } from '../shown-figure.ts'
import { figure } from './figure.ts'

/** How long a commit takes to be visible, and how that went while the load ran. */
export function freshness(comparison: Comparison, prefix: string, drawing: Drawing): Markup {
  const { targets, setting } = comparison
  const watched = targets.filter((one) => one.lag.samples.length > 0)
  const table = dataTable({
    title: 'Lag: from commit to visible',
    note: html`Looked at every ${shownFigure(setting.lagResolution, 'ms', { path: `${prefix}setting.lagResolution` })}; lags are known no better than this.`,
    columns: ['Target', 'p50', 'p95', 'p99', 'greatest', 'watched', 'never seen', 'refreshes', 'refresh, p50'],
    rows: targets.map((target, i) => row(target, `${prefix}targets.${i}`)),
  })
  return html`${table}
${watched.length === 0 && html`<p class="note">No lag was measured, so there is none to draw.</p>`}
<div class="figures">
${watched.length > 0 && lags(comparison, watched, drawing)}
${comparison.load.transactions.length > 0 && writers(comparison, drawing)}
</div>`
}

const lags = (comparison: Comparison, watched: readonly TargetFigures[], drawing: Drawing): Markup =>
  html`${figure(
    'Lag while the load ran',
    html`Each mark is one transaction (of many, the least, the median and the greatest of each step of time); the lines join medians. ${refreshNote(comparison)}`,
    html`${key(watched.map((one) => one.materializer))}${drawLagOverTime(drawing, comparison)}`,
    'wide',
  )}
${figure(
  'Share of transactions visible within a time',
  html`The cumulative distribution of the lag: further left is fresher, steeper is steadier.${watched.some((one) => one.neverSeen > 0) && ' What a curve lacks at its end was not visible when the watch ended.'}`,
  drawLagShares(drawing, watched),
)}`

const writers = (comparison: Comparison, drawing: Drawing): Markup =>
  figure(
    'The writers’ transactions while the load ran',
    `From begin to commit, and the append in it. ${refreshNote(comparison)}`,
    drawWriters(drawing, comparison),
  )

function row(target: TargetFigures, path: string): Row {
  const { lag, refresh } = target
  return {
    head: named(target.materializer),
    place: `${path}.lag`,
    cells: [
      shownPercentile(lag, 0.5, `${path}.lag`),
      shownPercentile(lag, 0.95, `${path}.lag`),
      shownPercentile(lag, 0.99, `${path}.lag`),
      shownPercentile(lag, 1, `${path}.lag`),
      shownCount(lag.samples.length, `${path}.lag.samples`),
      html`<span id="at-${path}.neverSeen"${target.neverSeen > 0 && html` class="bad"`}>${shownCount(target.neverSeen, `${path}.neverSeen`)}</span>`,
      shownCount(refresh.samples.length, `${path}.refresh.samples`),
      html`<span id="at-${path}.refresh">${shownPercentile(refresh, 0.5, `${path}.refresh`)}</span>`,
    ],
  }
}
