import { compactNumber } from './format.ts'

/** A line of a chart. */
export interface Line {
  name: string
  /** A gap stands for a number that there is not. */
  values: readonly (number | undefined)[]
}

const height = 100
const step = 10

interface Props {
  lines: readonly Line[]
  title: string
  /** What stands below the first place, and others to the last. */
  ticks: readonly string[]
  /** How its greatest number is written. */
  shown?: (value: number) => string
}

/** Lines over the same places, with a key of their colours and strokes. */
export function Lines({ lines, title, ticks, shown = compactNumber }: Props) {
  const all = lines.flatMap(({ values }) => values.flatMap((value) => value ?? []))
  const [most, least] = [Math.max(0, ...all), Math.min(0, ...all)]
  const scale = height / (most - least || 1)
  const width = Math.max(1, (lines[0]?.values.length ?? 1) - 1) * step
  return (
    <figure class="chart">
      <span class="most">{shown(most)}</span>
      {least < 0 && <span class="least">{shown(least)}</span>}
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={title}>
        {lines.map(({ values }, place) => (
          <path class={`line series-${place + 1}`} d={pathOf(values, (value) => (most - value) * scale)} />
        ))}
      </svg>
      <figcaption>
        {ticks.map((tick) => (
          <span>{tick}</span>
        ))}
      </figcaption>
      <ul class="key">
        {lines.map(({ name }, place) => (
          <li>
            <svg width="22" height="8" aria-hidden="true">
              <path class={`line series-${place + 1}`} d="M0 4H22" />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  )
}

const pathOf = (values: readonly (number | undefined)[], at: (value: number) => number): string =>
  values
    .map((value, place) => {
      if (value === undefined) return ''
      const begins = values[place - 1] === undefined
      return `${begins ? 'M' : 'L'}${place * step} ${at(value).toFixed(2)}`
    })
    .join('')
