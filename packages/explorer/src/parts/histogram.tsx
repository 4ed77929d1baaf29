import { numberText } from '@trifold/pages'
import { Refusal } from '../api.ts'
import { labelOf, timeColumns } from '../columns.ts'
import { partText } from '../format.ts'
import type { Bar, Histogram } from '../reading/histogram.ts'
import type { Part } from '../reading.ts'
import { withFilter } from '../view.ts'
import { Bars } from './bars.tsx'
import { linkTo, type PageContext } from './page-context.ts'

/** How the rows of the view lie in time. A bar, or a range of them, narrows it. */
export function HistogramPart({
  context,
  histogram,
}: {
  context: PageContext
  histogram: Part<Histogram | undefined>
}) {
  if (histogram instanceof Refusal) return <p class="note">No chart of days: {histogram.message}</p>
  if (!histogram) return null
  const { column, interval, bars } = histogram
  const { view } = context
  const { min, max, ...rest } = view.filters.get(column.name) ?? { is: [], not: [] }
  const label = labelOf(column.name)
  const first = bars[0]
  const last = bars.at(-1)
  return (
    <section class="histogram" aria-label={`${label} by ${interval}`}>
      <div class="over">
        <ChartChoice context={context} shown={column.name} /> <span>by {interval}</span>
        {(min ?? max) !== undefined && (
          <a href={linkTo(context, withFilter(view, column.name, { ...rest, min: undefined, max: undefined }))}>
            All days
          </a>
        )}
      </div>
      <Bars
        title={`${label} by ${interval}`}
        bars={bars.map((bar) => ({
          label: `${partText(bar.first, interval)}: ${numberText(bar.count)}`,
          value: bar.count,
          chosen: { href: linkTo(context, narrowed(context, column.name, bar)), first: bar.first, last: bar.last },
        }))}
        ticks={ticksOf(bars).map((day) => partText(day, interval))}
      />
      {first && last && <span hidden id="brush" data-min={`min.${column.name}`} data-max={`max.${column.name}`} />}
    </section>
  )
}

const narrowed = ({ view }: PageContext, column: string, { first, last }: Bar) =>
  withFilter(view, column, { min: first, max: last })

/** The days that stand below a chart. */
export const ticksOf = (bars: readonly { first: string }[]): string[] => {
  const places = bars.length < 5 ? bars.map((_, place) => place) : [0, Math.floor(bars.length / 2), bars.length - 1]
  return places.map((place) => bars[place]?.first as string)
}

function ChartChoice({ context: { entry, view }, shown }: { context: PageContext; shown: string }) {
  const columns = timeColumns(entry)
  if (columns.length < 2) return <b>{labelOf(shown)}</b>
  return (
    <select name="chart" aria-label="Days of the chart">
      {columns.map(({ name }, place) => (
        <option value={place === 0 ? '' : name} selected={name === (view.chart ?? columns[0]?.name)}>
          {labelOf(name)}
        </option>
      ))}
    </select>
  )
}
