import type { Data } from '@observablehq/plot'
import type { Answerer, QueryFigures } from '../../comparison.ts'
import { inWords } from '../../quantity.ts'
import { quantile, valuesOf } from '../../series.ts'
import { looks } from '../looks.ts'
import type { Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { logAxis, logDomain, logScale } from './log-axis.ts'

export interface LatencyRow {
  name: string
  by: Answerer
  values: number[]
}

/** One time axis for all queries, so that their drawings compare. */
export function latencyDomain(queries: readonly QueryFigures[]): [number, number] {
  const all = queries.flatMap(({ answers, index }) => [
    ...answers.flatMap((one) => ('latency' in one ? [one.latency] : [])),
    ...(index ? [index.latency] : []),
  ])
  const ends = all.map(valuesOf).flatMap((values) => [0.05, 0.5, 0.95].map((p) => quantile(values, p)))
  return logDomain(ends)
}

/** One row for each answerer: p5 to p95, the quartiles and the median. */
export function drawLatencies(
  drawing: Drawing,
  query: string,
  rows: readonly LatencyRow[],
  domain: [number, number],
): Markup {
  const { plot, draw } = drawing
  const drawn = rows.map(({ name, by, values }) => {
    const [p5, p25, p50, p75, p95] = [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantile(values, p))
    return { name, by, p5, p25, p50, p75, p95 }
  })
  return draw(`Times of the query ${query}`, {
    width: 440,
    height: 48 + 28 * rows.length,
    marginLeft: 88,
    marginRight: 62,
    marginTop: 4,
    marginBottom: 40,
    x: logScale(domain),
    y: { domain: rows.map((row) => row.name), label: null, tickSize: 0 },
    marks: [
      ...logAxis(drawing, 'x', domain, { title: 'time', unit: 'ms', most: 6, lines: true }),
      ...drawn.flatMap((row) => {
        const { color, symbol, dash } = looks[row.by]
        const data = [row] as Data
        return [
          plot.ruleY(data, { x1: 'p5', x2: 'p95', y: 'name', stroke: color, strokeWidth: 1.5, strokeDasharray: dash }),
          plot.ruleY(data, { x1: 'p25', x2: 'p75', y: 'name', stroke: color, strokeWidth: 5, strokeOpacity: 0.55 }),
          plot.dot(data, { x: 'p50', y: 'name', symbol, r: 4.5, fill: color, stroke: 'var(--paper)', strokeWidth: 1 }),
          plot.text(data, {
            x: 'p95',
            y: 'name',
            text: () => inWords(row.p50 as number, 'ms'),
            dx: 8,
            textAnchor: 'start',
            fill: color,
            fontWeight: 600,
          }),
        ]
      }),
    ],
  })
}
