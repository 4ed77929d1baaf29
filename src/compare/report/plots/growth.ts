import type { Data, Markish } from '@observablehq/plot'
import type { Crossing, Growth } from '../../comparison.ts'
import { costAt } from '../../growth/power-law.ts'
import { inWords } from '../../quantity.ts'
import { looks } from '../looks.ts'
import type { Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { apart, logDomain, logTicks, tickLabel } from './log-axis.ts'

const height = 300

/** One cost against the volume, with the fitted lines and where they cross. */
export function drawGrowth(drawing: Drawing, growth: readonly Growth[], crossings: readonly Crossing[]): Markup {
  const { cost, unit } = growth[0]!
  const near = crossings.filter((one) => one.measured)
  const sizes = logDomain(growth.flatMap((one) => one.points.map((point) => point.size)))
  const costs = logDomain(growth.flatMap((one) => one.points.map((point) => point.cost)))
  return drawing.draw(`${cost} against the rows of the definition`, {
    width: 440,
    height,
    marginLeft: 56,
    marginRight: 72,
    marginBottom: 40,
    x: {
      type: 'log',
      domain: sizes,
      ticks: logTicks(sizes, 6),
      tickFormat: tickLabel('count'),
      label: 'rows of the definition',
      labelArrow: 'none',
      labelAnchor: 'center',
    },
    y: {
      type: 'log',
      domain: costs,
      ticks: logTicks(costs, 6),
      tickFormat: tickLabel(unit),
      tickSize: 0,
      grid: true,
      label: null,
    },
    marks: [
      ...growth.flatMap((one) => marksOf(drawing, one)),
      ...names(drawing, growth, costs, sizes[1]),
      ...near.flatMap((one) => crossingMarks(drawing, one, growth)),
    ],
  })
}

function marksOf({ plot }: Drawing, { by, points, fit }: Growth): Markish[] {
  const { color, dash, symbol } = looks[by]
  const ends = [points[0]!, points.at(-1)!]
  const line = fit ? ends.map(({ size }) => ({ size, cost: costAt(fit, size) })) : points
  return [
    plot.line(line as Data, { x: 'size', y: 'cost', stroke: color, strokeWidth: 1.6, strokeDasharray: dash }),
    plot.dot(points as Data, {
      x: 'size',
      y: 'cost',
      symbol,
      r: 4.5,
      fill: color,
      stroke: 'var(--paper)',
      strokeWidth: 1,
    }),
  ]
}

function names({ plot }: Drawing, growth: readonly Growth[], costs: [number, number], end: number): Markish[] {
  const moved = apart(
    growth.map((one) => one.points.at(-1)!.cost),
    costs,
    height - 60,
  )
  return growth.map(({ by }, i) =>
    plot.text([{ size: end, cost: moved[i]! }], {
      x: 'size',
      y: 'cost',
      text: () => by,
      dx: 4,
      textAnchor: 'start',
      fill: looks[by].color,
      fontWeight: 600,
    }),
  )
}

function crossingMarks({ plot }: Drawing, { size, cheaperBelow }: Crossing, growth: readonly Growth[]): Markish[] {
  const fit = growth.find((one) => one.by === cheaperBelow)!.fit!
  const data = [{ size, cost: costAt(fit, size) }] as Data
  return [
    plot.ruleX(data, { x: 'size', stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '1 3' }),
    plot.dot(data, { x: 'size', y: 'cost', r: 8, stroke: 'currentColor', strokeWidth: 1.5 }),
    plot.text(data, {
      x: 'size',
      text: () => `${inWords(size, 'count')} rows`,
      frameAnchor: 'top',
      dy: -12,
      fill: 'currentColor',
    }),
  ]
}
