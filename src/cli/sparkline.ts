const bars = '▁▂▃▄▅▆▇█'

/** A bar for each value, from zero to the greatest; a blank if it is unknown. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const barOf = (value: number) => bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]
  return values.map((value) => (value === undefined ? ' ' : barOf(value))).join('')
}
