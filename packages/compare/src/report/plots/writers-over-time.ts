import type { Data, Markish } from '@observablehq/plot'
import type { Comparison, Sample } from '../../comparison.ts'
import type { Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { loadTime, refreshMarks } from './load-time.ts'
import { logAxis, logDomain, logScale } from './log-axis.ts'
import { medians, thinned } from './thinned.ts'

/** The writers' transactions over the load, and the append in them: what the targets' work does to the writers. */
export function drawWriters(drawing: Drawing, comparison: Comparison): Markup {
  const { load } = comparison
  const total = load.transactions.map(({ at, total: value }) => ({ at, value }))
  const append = load.transactions.map(({ at, append: value }) => ({ at, value }))
  const domain = logDomain([...total, ...append].map((one) => one.value))
  return drawing.draw('Time of the writers’ transactions over the time of the load', {
    width: 440,
    height: 310,
    marginTop: 30,
    marginLeft: 60,
    marginRight: 98,
    marginBottom: 40,
    x: loadTime(comparison, 5),
    y: logScale(domain),
    marks: [
      ...logAxis(drawing, 'y', domain, { title: 'time', unit: 'ms', most: 6, lines: true }),
      refreshMarks(drawing, comparison),
      ...marksOf(drawing, total, 'transaction', 'var(--ink)', undefined),
      ...marksOf(
        drawing,
        append.filter((one) => one.value > 0),
        'append',
        'var(--soft)',
        '5 3',
      ),
    ],
  })
}

function marksOf(
  { plot }: Drawing,
  samples: Sample[],
  name: string,
  color: string,
  dash: string | undefined,
): Markish[] {
  const line = medians(samples, 40)
  return [
    plot.dot(thinned(samples) as Data, { x: 'at', y: 'value', r: 1.3, fill: color, fillOpacity: 0.35 }),
    plot.line(line as Data, { x: 'at', y: 'value', stroke: color, strokeWidth: 1.6, strokeDasharray: dash }),
    plot.text(line.slice(-1) as Data, {
      x: 'at',
      y: 'value',
      text: () => name,
      dx: 8,
      textAnchor: 'start',
      fill: color,
      fontWeight: 600,
    }),
  ]
}
