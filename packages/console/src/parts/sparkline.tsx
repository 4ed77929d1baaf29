const height = 24
const step = 2

/** A line as long as a word: how a number went, from zero to its greatest. Gaps stand for what is not known. */
export function Sparkline({ values, title }: { values: readonly (number | undefined)[]; title: string }) {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const y = (value: number) => (height - 1 - (value / most) * (height - 2)).toFixed(1)
  const path = values
    .map((value, place) => {
      if (value === undefined) return ''
      return `${values[place - 1] === undefined ? 'M' : 'L'}${place * step} ${y(value)}h0.01`
    })
    .join('')
  return (
    <svg class="spark" viewBox={`0 0 ${values.length * step} ${height}`} role="img" aria-label={title}>
      <title>{title}</title>
      <path class="line series-1" d={path} />
    </svg>
  )
}
