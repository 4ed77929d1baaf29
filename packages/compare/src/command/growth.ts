import type { Colors } from 'trifold/internal/cli/console'
import { tableText } from 'trifold/internal/cli/table'
import { inThousands } from 'trifold/internal/operator/figures'
import type { Crossing, Growth, GrowthComparison } from '../comparison.ts'
import { inWords } from '../quantity.ts'
import { wrapped } from './lines.ts'

/** Each cost at each size, the power of the size with which it grows, and where one becomes cheaper than another. */
export function growthLines({ sizes, growth, crossings }: GrowthComparison, colors: Colors): string[] {
  const head = ['cost', '', ...sizes.map(({ size }) => inThousands(size)), 'grows with']
  const sizesAsked = sizes.map(({ size }) => size)
  const table = tableText(
    ['left', 'left', ...sizes.map(() => 'right' as const), 'right'],
    [head.map((title) => colors.bold(title)), ...growth.map((one) => lineOf(one, sizesAsked))],
  )
  const told = growth.some((one) => one.fit)
    ? crossings.flatMap((crossing) => wrapped(crossingText(crossing), '- '))
    : wrapped('A fit, and where one becomes cheaper than another, takes three sizes or more.')
  return [table, ...(told.length > 0 ? ['', ...told] : [])]
}

const lineOf = ({ cost, by, unit, points, fit }: Growth, sizes: readonly number[]): string[] => [
  shortened(cost),
  by,
  ...sizes.map((size) => {
    const point = points.find((one) => one.size === size)
    if (!point) return '-'
    return unit === 'ms' ? inWords(point.cost, 'ms') : inWords(point.cost, 'bytes')
  }),
  fit ? `size^${fit.exponent.toFixed(2)}` : '-',
]

const longest = 42
const shortened = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`)

const crossingText = ({ cost, cheaperBelow, cheaperAbove, size, measured }: Crossing): string =>
  `${cost}: up to a size of about ${inThousands(Number(size.toPrecision(2)))} ${cheaperBelow} is cheaper, from there on ${cheaperAbove}` +
  `${measured ? '' : ' (a guess, beyond the sizes that were measured)'}.`
