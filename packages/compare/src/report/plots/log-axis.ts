import type { Markish } from '@observablehq/plot'
import { inWords } from '../../quantity.ts'
import type { Drawing } from './drawing.ts'

/** The range of positive values with a margin on both sides; one decade around 1 if there is none. */
export function logDomain(values: readonly number[]): [low: number, high: number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value))
  if (positive.length === 0) return [0.3, 3]
  const low = positive.reduce((least, value) => Math.min(least, value))
  const high = positive.reduce((most, value) => Math.max(most, value))
  const margin = high / low < 5 ? 2 : 1.35
  return [low / margin, high * margin]
}

/** A logarithmic scale without an axis: `logAxis` draws that, since the library's own leaves out labels. */
export const logScale = (domain: [number, number]) => ({ type: 'log' as const, domain, axis: null })

interface LogAxis {
  /** What the axis shows: the page adds that it is logarithmic. */
  title: string
  unit: 'ms' | 'bytes' | 'count'
  /** How many labels it has room for. */
  most: number
  /** Lines across the drawing. */
  lines: boolean
}

/** The axis of a logarithmic scale: the title of a vertical one is above it. */
export function logAxis({ plot }: Drawing, of: 'x' | 'y', domain: [number, number], options: LogAxis): Markish[] {
  const ticks = logTicks(domain, options.most)
  const look = {
    text: ticks.map(tickLabel(options.unit)),
    tickSize: options.lines ? 0 : 5,
    label: `${options.title}, logarithmic`,
    labelArrow: 'none' as const,
  }
  const axis = of === 'x' ? plot.axisX(ticks, { ...look, labelAnchor: 'center' }) : plot.axisY(ticks, look)
  if (!options.lines) return [axis]
  return [of === 'x' ? plot.gridX(ticks) : plot.gridY(ticks), axis]
}

/** Powers of ten, with 2 and 5 between them if there are few. */
function logTicks([low, high]: readonly [number, number], most: number): number[] {
  const powers = steps(low, high, [1])
  if (powers.length > most) {
    const every = Math.ceil(powers.length / most)
    return powers.filter((_, i) => i % every === 0)
  }
  const finer = steps(low, high, [1, 2, 5])
  return finer.length <= most ? finer : powers.length > 1 ? powers : finer.filter((_, i) => i % 2 === 0)
}

function steps(low: number, high: number, digits: readonly number[]): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const digit of digits) ticks.push(digit * 10 ** power)
  }
  return ticks.filter((tick) => tick >= low && tick <= high)
}

/** `10 ms`, `2 s`: tick labels without trailing zeros. */
const tickLabel = (unit: LogAxis['unit']) => (value: number) =>
  inWords(value, unit)
    .replace(/^(\d*\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '')

/** Moves labels apart on a log axis that is `pixels` long, so that none lies on another. */
export function apart(values: readonly number[], [low, high]: readonly [number, number], pixels: number): number[] {
  const gap = (Math.log(high / low) * 14) / pixels
  const order = values.map((value, i) => ({ i, at: Math.log(Math.max(value, low)) })).sort((a, b) => a.at - b.at)
  for (let i = 1; i < order.length; i += 1) order[i]!.at = Math.max(order[i]!.at, order[i - 1]!.at + gap)
  const over = (order.at(-1)?.at ?? 0) - Math.log(high)
  if (over > 0) {
    order.at(-1)!.at -= over
    for (let i = order.length - 2; i >= 0; i -= 1) order[i]!.at = Math.min(order[i]!.at, order[i + 1]!.at - gap)
  }
  const moved = [...values]
  for (const { i, at } of order) moved[i] = Math.exp(at)
  return moved
}
