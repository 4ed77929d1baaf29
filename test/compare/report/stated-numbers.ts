import type { Comparison } from '../../../packages/compare/src/comparison.ts'
import { figureAt } from '../../../packages/compare/src/figure-at.ts'

export interface Stated {
  written: string
  /** In milliseconds, bytes or pieces. */
  value: number
  /** Half of the last digit that is written. */
  tolerance: number
}

const factors: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** Every number in a text, with its unit. */
export function statedNumbers(text: string): Stated[] {
  return [...text.matchAll(/(?<![\w.])(−?\d[\d,]*)(\.\d+)?(?:[\s\u00a0](ms|s|min|B|kB|MB|GB|TB)\b)?/g)].map((match) => {
    const [written, whole, fraction = '', unit] = match as unknown as [string, string, string?, string?]
    const factor = factors[unit ?? ''] ?? 1
    const digits = `${whole.replaceAll(',', '').replace('−', '-')}${fraction}`
    const step = 10 ** -Math.max(0, fraction.length - 1)
    return { written, value: Number(digits) * factor, tolerance: (step / 2) * factor * (1 + 1e-9) + 1e-12 }
  })
}

export const states = ({ value, tolerance }: Stated, figure: number): boolean => Math.abs(value - figure) <= tolerance

/** The values that a figure may lend to a sentence: itself, its count, or a percentile of its samples. */
export function valuesAt(comparison: Comparison, path: string): number[] {
  const figure = figureAt(comparison, path)
  if (typeof figure === 'number') return [path.endsWith('.seconds') ? figure * 1_000 : figure]
  if (Array.isArray(figure)) {
    return [
      figure.length,
      ...percentiles(figure.map((one) => one.append)),
      ...percentiles(figure.map((one) => one.total)),
    ]
  }
  const { value, samples } = (figure ?? {}) as { value?: number; samples?: { value: number }[] }
  if (value !== undefined) return [value, ...shareOf(comparison, path, value)]
  return samples ? [samples.length, ...percentiles(samples.map((one) => one.value))] : []
}

/** What is said of the work on a target is a share: by event. */
function shareOf(comparison: Comparison, path: string, value: number): number[] {
  const [, work] = /^(.*\.work)\.\w+$/.exec(path) ?? []
  const events = work === undefined ? undefined : (figureAt(comparison, `${work}.events`) as { value?: number })
  return events?.value === undefined ? [] : [value / events.value]
}

/** By nearest rank, computed here by counting. */
const percentiles = (values: readonly number[]): number[] => [50, 95, 99].map((share) => nearestRank(values, share))

/** The least value that at least `share` percent of the values do not exceed. */
export function nearestRank(values: readonly number[], share: number): number {
  const enough = values.filter((one) => values.filter((other) => other <= one).length * 100 >= share * values.length)
  return Math.min(...enough)
}

/** A sentence without the words that stand in the document itself (names, reasons, statements) and without limits. */
export function withoutQuotations(comparison: Comparison, text: string, paths: readonly string[]): string {
  const words = paths.map((path) => figureAt(comparison, path)).filter((one) => typeof one === 'string')
  const targets = comparison.targets.map((one) => one.target)
  return [...words.map((one) => one.replace(/\.$/, '')), ...targets]
    .reduce((left, word) => left.replaceAll(word, ' '), text)
    .replaceAll(/(?:95|99)th percentile/g, ' ')
    .replaceAll(/\(limit [^)]*\)/g, ' ')
}
