import type { Data, Markish } from '@observablehq/plot'
import type { Crossing, Growth } from '../../comparison.ts'
import { costAt, type Fit } from '../../growth/power-law.ts'
import { looks } from '../looks.ts'
import type { Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { apart, logAxis, logDomain, logScale } from './log-axis.ts'

const height = 310

/** How far beyond the measured sizes the drawing goes to show a crossing, as a factor. */
const reach = 10

/** One cost against the volume, with the fitted lines, thin beyond the measured sizes, and where they cross. */
export function drawGrowth(drawing: Drawing, growth: readonly Growth[], crossings: readonly Crossing[]): Markup {
  const { cost, unit } = growth[0]!
  const measured = growth.flatMap((one) => one.points)
  const near = crossings.filter((one) => isNear(one, measured))
  const meeting = near.map((one) => meetingOf(one, growth))
  const sizes = logDomain([...measured, ...meeting].map((one) => one.size))
  const costs = logDomain([...measured, ...meeting].map((one) => one.cost))
  return drawing.draw(`${cost} against the size of the data`, {
    width: 440,
    height,
    marginTop: 30,
    marginLeft: 60,
    marginRight: 72,
    marginBottom: 40,
    x: logScale(sizes),
    y: logScale(costs),
    marks: [
      ...logAxis(drawing, 'x', sizes, { title: 'size of the data', unit: 'count', most: 4, lines: false }),
      ...logAxis(drawing, 'y', costs, { title: unit === 'bytes' ? 'storage' : 'time', unit, most: 7, lines: true }),
      ...growth.flatMap((one) => marksOf(drawing, one, sizes)),
      ...names(drawing, growth, costs, sizes[1]),
      ...crossingMarks(drawing, meeting),
    ],
  })
}

function isNear({ size }: Crossing, measured: Growth['points']): boolean {
  const sizes = measured.map((one) => one.size)
  return size * reach >= Math.min(...sizes) && size <= Math.max(...sizes) * reach
}

interface Meeting {
  size: number
  cost: number
  measured: boolean
}

function meetingOf({ size, measured, cheaperBelow }: Crossing, growth: readonly Growth[]): Meeting {
  const fit = growth.find((one) => one.by === cheaperBelow)!.fit!
  return { size, measured, cost: costAt(fit, size) }
}

function marksOf({ plot }: Drawing, { by, points, fit }: Growth, sizes: [number, number]): Markish[] {
  const { color, dash, symbol } = looks[by]
  const along = (ends: number[]) => (fit ? ends.map((size) => ({ size, cost: costAt(fit, size) })) : points) as Data
  const measured = [points[0]!.size, points.at(-1)!.size]
  const line = { x: 'size', y: 'cost', stroke: color, strokeDasharray: dash }
  return [
    plot.line(along(sizes), { ...line, strokeWidth: 1, strokeOpacity: 0.35, clip: true }),
    plot.line(along(measured), { ...line, strokeWidth: 1.8 }),
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
  const at = growth.map(({ fit }) => (fit ? Math.min(end, leaving(fit, costs)) : end))
  const moved = apart(
    growth.map(({ fit, points }, i) => (fit ? costAt(fit, at[i]!) : points.at(-1)!.cost)),
    costs,
    height - 70,
  )
  return growth.map(({ by }, i) =>
    plot.text([{ size: at[i]!, cost: moved[i]! }], {
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

/** The size at which a line leaves the drawing, at its top or at its bottom. */
function leaving({ factor, exponent }: Fit, [low, high]: [number, number]): number {
  return ((exponent > 0 ? high : low) / factor) ** (1 / exponent)
}

/** A ring where two lines meet, broken if that is beyond the measured sizes. */
function crossingMarks({ plot }: Drawing, meeting: readonly Meeting[]): Markish[] {
  return meeting.map(({ size, cost, measured }) =>
    plot.dot([{ size, cost }] as Data, {
      x: 'size',
      y: 'cost',
      r: 9,
      stroke: 'var(--ink)',
      strokeWidth: 1.4,
      strokeDasharray: measured ? undefined : '3 2.5',
    }),
  )
}
