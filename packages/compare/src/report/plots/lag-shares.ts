import type { Data, Markish } from '@observablehq/plot'
import type { TargetFigures } from '../../comparison.ts'
import { valuesOf } from '../../series.ts'
import { looks } from '../looks.ts'
import type { Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { logAxis, logDomain, logScale } from './log-axis.ts'

interface Step {
  value: number
  share: number
}

const most = 300

/** The empirical cumulative distribution of each target's lag; what was never seen is in it as not visible. */
export function drawLagShares(drawing: Drawing, watched: readonly TargetFigures[]): Markup {
  const domain = logDomain(watched.flatMap((one) => valuesOf(one.lag)))
  return drawing.draw('Cumulative distribution of the lag of each target', {
    width: 440,
    height: 310,
    marginTop: 30,
    marginLeft: 44,
    marginRight: 48,
    marginBottom: 40,
    x: logScale(domain),
    y: {
      domain: [0, 1],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      tickFormat: '.0%',
      tickSize: 0,
      grid: true,
      label: 'share of the transactions',
      labelArrow: 'none',
    },
    marks: [
      ...logAxis(drawing, 'x', domain, { title: 'lag', unit: 'ms', most: 6, lines: false }),
      ...watched.flatMap((one, i) =>
        marksOf(drawing, one, watched.length === 1 ? 0.5 : 0.3 + (0.4 * i) / (watched.length - 1)),
      ),
    ],
  })
}

/** The curve, and its name at the given share. */
function marksOf({ plot }: Drawing, { lag, materializer, neverSeen }: TargetFigures, share: number): Markish[] {
  const { color, dash, symbol } = looks[materializer]
  const steps = distribution(valuesOf(lag), neverSeen)
  const label = steps.find((one) => one.share >= share) ?? steps.at(-1)!
  return [
    plot.line(steps as Data, {
      x: 'value',
      y: 'share',
      stroke: color,
      strokeWidth: 1.8,
      strokeDasharray: dash,
      curve: 'step-after',
    }),
    plot.dot([label] as Data, { x: 'value', y: 'share', symbol, fill: color, r: 4 }),
    plot.text([label] as Data, {
      x: 'value',
      y: 'share',
      text: () => materializer,
      dx: 9,
      dy: 8,
      textAnchor: 'start',
      fill: color,
      fontWeight: 600,
      stroke: 'var(--paper)',
      strokeWidth: 4,
    }),
  ]
}

/** Every value, or as many evenly spaced ones as a curve can show; the greatest is always among them. */
function distribution(values: readonly number[], neverSeen: number): Step[] {
  const sorted = [...values].sort((a, b) => a - b)
  const all = sorted.length + neverSeen
  const every = Math.max(1, sorted.length / most)
  const steps = [{ value: sorted[0]!, share: 0 }]
  for (let rank = 1; rank <= most && rank * every <= sorted.length; rank += 1) {
    const at = Math.round(rank * every)
    steps.push({ value: sorted[at - 1]!, share: at / all })
  }
  return [...steps, { value: sorted.at(-1)!, share: sorted.length / all }]
}
