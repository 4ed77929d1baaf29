import { compactNumber } from '@trifold/pages'

/** A bar of a chart. */
export interface BarShown {
  /** What it stands for, with its number. */
  label: string
  value: number
  /** The view that it opens, and the days that it covers, if it can be chosen. */
  chosen?: { href: string; first: string; last: string }
}

interface Props {
  bars: readonly BarShown[]
  title: string
  /** What stands below the first bar, the one in the middle and the last. */
  ticks: readonly string[]
}

const height = 100
const step = 10

/** Bars side by side. Each leads somewhere without a script; with one, a range of them can be drawn over. */
export function Bars({ bars, title, ticks }: Props) {
  const most = Math.max(0, ...bars.map(({ value }) => value))
  const least = Math.min(0, ...bars.map(({ value }) => value))
  const scale = height / (most - least || 1)
  const canBrush = bars.some(({ chosen }) => chosen)
  return (
    <figure class="chart">
      <span class="most">{compactNumber(most)}</span>
      {least < 0 && <span class="least">{compactNumber(least)}</span>}
      <svg
        viewBox={`0 0 ${bars.length * step} ${height}`}
        preserveAspectRatio="none"
        role={canBrush ? 'group' : 'img'}
        aria-label={title}
        data-brush={canBrush || undefined}
      >
        {bars.map((bar, place) => (
          <Bar bar={bar} place={place} zero={most * scale} scale={scale} />
        ))}
      </svg>
      <figcaption>
        {ticks.map((tick) => (
          <span>{tick}</span>
        ))}
      </figcaption>
    </figure>
  )
}

function Bar({ bar, place, zero, scale }: { bar: BarShown; place: number; zero: number; scale: number }) {
  const { label, value, chosen } = bar
  const length = value === 0 ? 0 : Math.max(1.2, Math.abs(value) * scale)
  const drawn = (
    <>
      <title>{label}</title>
      <rect class="room" x={place * step} width={step} height={height} />
      <rect class="bar" x={place * step + 1} y={value < 0 ? zero : zero - length} width={step - 2} height={length} />
    </>
  )
  if (!chosen) return <g>{drawn}</g>
  return (
    <a href={chosen.href} aria-label={label} tabindex={-1} data-first={chosen.first} data-last={chosen.last}>
      {drawn}
    </a>
  )
}
