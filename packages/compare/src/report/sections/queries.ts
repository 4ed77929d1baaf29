import type { Answer, Answerer, Comparison, QueryFigures, Series } from '../../comparison.ts'
import { aboutTheSame, quantile, valuesOf } from '../../series.ts'
import { dataTable, type Row } from '../data-table.ts'
import { named } from '../looks.ts'
import { html, type Markup, type Piece } from '../markup.ts'
import type { Drawing } from '../plots/drawing.ts'
import { drawLatencies, type LatencyRow, latencyDomain } from '../plots/latencies.ts'
import { shownCount, shownPercentile } from '../shown-figure.ts'
import { figure } from './figure.ts'

type Timed = Extract<Answer, { latency: Series }>

/** Who answers which query how fast, and who cannot. */
export function queries(comparison: Comparison, prefix: string, drawing: Drawing): Markup {
  if (comparison.queries.length === 0) return html`<p class="note">No query was measured.</p>`
  const domain = latencyDomain(comparison.queries)
  return html`${overview(comparison, prefix)}
<div class="queries">${comparison.queries.map((query, i) => oneQuery(query, `${prefix}queries.${i}`, drawing, domain))}</div>`
}

function overview({ queries: all, targets }: Comparison, prefix: string): Markup {
  const answerers: Answerer[] = ['definition', ...targets.map((one) => one.materializer)]
  return dataTable({
    title: 'Time of each query, median',
    note: 'Bold: the fastest, and those about as fast: less than twice its time, and closer to it than the samples spread (interquartile range).',
    columns: ['Query', ...answerers.map((by) => named(by))],
    rows: all.map((query, i) => ({
      head: html`<a href="#at-${prefix}queries.${i}">${query.name}</a>`,
      cells: answerers.map((by) => overviewCell(query, by, `${prefix}queries.${i}`)),
    })),
  })
}

function overviewCell(query: QueryFigures, by: Answerer, path: string): Piece {
  const i = query.answers.findIndex((answer) => answer.by === by)
  const answer = query.answers[i]
  if (!answer) return html`<span class="none">not asked</span>`
  if ('cannot' in answer) return html`<span class="none" title="${answer.cannot}">cannot</span>`
  const time = shownPercentile(answer.latency, 0.5, `${path}.answers.${i}.latency`)
  const differs = !answer.equal && html`<small class="bad">✗ differs</small>`
  return html`${isFastest(answer, query) ? html`<b>${time}</b>` : time}${differs}`
}

function isFastest(answer: Timed, { answers }: QueryFigures): boolean {
  const values = valuesOf(answer.latency)
  if (values.length === 0) return false
  const all = answers.filter((one): one is Timed => 'latency' in one && one.latency.samples.length > 0)
  const least = Math.min(...all.map((one) => median(one)))
  return all.some((one) => median(one) === least && aboutTheSame(valuesOf(one.latency), values))
}

const median = ({ latency }: Timed): number => quantile(valuesOf(latency), 0.5)

function oneQuery(query: QueryFigures, path: string, drawing: Drawing, domain: [number, number]): Markup {
  const rows = latencyRows(query)
  return html`<article id="at-${path}">
<h3>${query.name}</h3>
<p class="request"><code>${JSON.stringify(query.request)}</code>${!query.named && ' derived from key and indexes'}</p>
${rows.length > 0 && figure('Times', 'Mark and number: the median. Thick: the middle half. Thin: from p5 to p95.', drawLatencies(drawing, query.name, rows, domain))}
${dataTable({
  title: 'Times and rows',
  columns: ['Answered by', 'p50', 'p95', 'p99', 'asked', 'rows'],
  rows: [...query.answers.map((answer, i) => answerRow(answer, `${path}.answers.${i}`)), ...indexRow(query, path)],
})}
${plan(query)}
</article>`
}

function latencyRows({ answers, index }: QueryFigures): LatencyRow[] {
  const timed = answers.filter((one): one is Timed => 'latency' in one && one.latency.samples.length > 0)
  const rows: LatencyRow[] = timed.map((one) => ({ name: one.by, by: one.by, values: valuesOf(one.latency) }))
  if (index && index.latency.samples.length > 0)
    rows.push({ name: 'with index', by: 'definition', values: valuesOf(index.latency) })
  return rows
}

function answerRow(answer: Answer, path: string): Row {
  const head = named(answer.by)
  if ('cannot' in answer) {
    return { head, place: `${path}.cannot`, wide: html`<span class="none">cannot:</span> ${answer.cannot}`, cells: [] }
  }
  return {
    head: html`${head}${!answer.equal && html` <span class="bad name" id="at-${path}.equal">✗ rows differ</span>`}`,
    place: `${path}.latency`,
    cells: [...times(answer.latency, `${path}.latency`), shownCount(answer.rows, `${path}.rows`)],
  }
}

function indexRow({ index }: QueryFigures, path: string): Row[] {
  if (!index) return []
  const head = named('definition', 'with index')
  return [{ head, place: `${path}.index.latency`, cells: [...times(index.latency, `${path}.index.latency`), ''] }]
}

const times = (latency: Series, path: string): Markup[] => [
  ...[0.5, 0.95, 0.99].map((p) => shownPercentile(latency, p, path)),
  shownCount(latency.samples.length, `${path}.samples`),
]

function plan({ plan: { indexes, scans }, index }: QueryFigures): Markup {
  const parts = [
    indexes.length > 0 && html`<dt>Indexes the definition uses</dt><dd>${listed(indexes)}</dd>`,
    scans.length > 0 && html`<dt>Tables it reads whole</dt><dd>${listed(scans)}</dd>`,
    index && html`<dt>Index that was tried, and taken back</dt><dd><code>${index.statement}</code></dd>`,
  ]
  return html`<dl class="plan">${parts}</dl>`
}

const listed = (names: readonly string[]): Markup[] =>
  names.map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`)
