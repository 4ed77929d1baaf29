import type { Data, Markish } from '@observablehq/plot'
import type { Comparison, TargetFigures } from '../../comparison.ts'
import { looks } from '../looks.ts'
import { html, type Markup } from '../markup.ts'
import type { Drawing } from './drawing.ts'
import { loadEnd, loadTime, refreshMarks } from './load-time.ts'
import { apart, logAxis, logDomain, logScale } from './log-axis.ts'
import { medians, thinned } from './thinned.ts'

interface Size {
  width: number
  height: number
  ticks: number
}

const sizes: Record<'broad' | 'narrow', Size> = {
  broad: { width: 1000, height: 360, ticks: 10 },
  narrow: { width: 400, height: 320, ticks: 5 },
}

/** The lag of each target over the load, drawn for broad pages and for narrow ones; the page shows one of them. */
export function drawLagOverTime(drawing: Drawing, comparison: Comparison): Markup {
  const drawn = Object.entries(sizes).map(
    ([name, size]) => html`<div class="${name}">${drawOne(drawing, comparison, size)}</div>`,
  )
  return html`${drawn}`
}

function drawOne(drawing: Drawing, comparison: Comparison, { width, height, ticks }: Size): Markup {
  const watched = comparison.targets.filter((one) => one.lag.samples.length > 0)
  const samples = watched.flatMap((one) => one.lag.samples)
  const domain = logDomain(samples.map((one) => one.value))
  return drawing.draw('Lag of each target over the time of the load', {
    width,
    height,
    marginTop: 30,
    marginLeft: 60,
    marginRight: 64,
    marginBottom: 40,
    x: loadTime(comparison, ticks),
    y: logScale(domain),
    marks: [
      ...logAxis(drawing, 'y', domain, { title: 'lag', unit: 'ms', most: 7, lines: true }),
      refreshMarks(drawing, comparison),
      ...watched.flatMap((one) => lagMarks(drawing, one)),
      ...names(drawing, watched, domain, height - 70, loadEnd(comparison)),
    ],
  })
}

function lagMarks({ plot }: Drawing, { lag, materializer }: TargetFigures): Markish[] {
  const { color, dash, symbol } = looks[materializer]
  return [
    plot.dot(thinned(lag.samples) as Data, {
      x: 'at',
      y: 'value',
      symbol,
      r: 2,
      fill: color,
      fillOpacity: 0.45,
    }),
    plot.line(medians(lag.samples, 60) as Data, {
      x: 'at',
      y: 'value',
      stroke: color,
      strokeWidth: 1.8,
      strokeDasharray: dash,
    }),
  ]
}

/** The names are at the ends of the lines. */
function names(
  { plot }: Drawing,
  watched: readonly TargetFigures[],
  domain: [number, number],
  pixels: number,
  end: number,
): Markish[] {
  const ends = watched.map(({ lag }) => medians(lag.samples, 60).at(-1)!.value)
  const moved = apart(ends, domain, pixels)
  return watched.map(({ materializer }, i) =>
    plot.text([{ at: end, value: moved[i]! }], {
      x: 'at',
      y: 'value',
      text: () => materializer,
      dx: 8,
      textAnchor: 'start',
      fill: looks[materializer].color,
      fontWeight: 600,
    }),
  )
}
