import { Lines, momentText, spanText } from '@trifold/pages'
import type { ComponentChildren } from 'preact'
import type { PastRun } from 'trifold'
import { inBytes } from 'trifold/internal/operator/figures'
import type { TargetSeen } from '../reading/target.ts'
import { RunBars } from './run-bars.tsx'

/** Most runs that are drawn: a bar of more would be thinner than a pixel. */
const drawn = 200

/** How a target went in a period. */
export function PastCharts({ seen: { past, since, until }, timeZone }: { seen: TargetSeen; timeZone: string }) {
  const ticks = [since, until].map((time) => momentText(time, timeZone))
  const runs = past.runs
    .filter(({ outcome }) => outcome !== 'skipped')
    .slice(0, drawn)
    .reverse()
  const ends = [runs[0], runs.at(-1)].flatMap((run) => (run ? [momentText(run.finishedAt, timeZone)] : []))
  const lag = past.parts.map((part) => part.lag)
  return (
    <>
      <Chart
        title="Lag"
        isEmpty={lag.every((value) => value === undefined)}
        empty="No worker has measured it in this time."
      >
        <Lines lines={[{ name: 'greatest lag', values: lag }]} title="Lag over time" ticks={ticks} shown={spanText} />
      </Chart>
      <Chart
        title={`Runs${runs.length === drawn ? `, the last ${drawn}` : ''}`}
        isEmpty={runs.length === 0}
        empty="None in this time."
      >
        <RunBars runs={runs} timeZone={timeZone} />
      </Chart>
      <RunLine title="Rows" runs={runs} ticks={ends} value={({ rows }) => rows} empty="Not known of these runs." />
      <RunLine
        title="WAL of a run"
        runs={runs}
        ticks={ends}
        value={({ walBytes }) => walBytes}
        shown={inBytes}
        empty="Not known: PostgreSQL counts it from version 18 on."
      />
    </>
  )
}

interface ChartProps {
  title: string
  isEmpty: boolean
  /** Why there is nothing to draw. */
  empty: string
  children: ComponentChildren
}

const Chart = ({ title, isEmpty, empty, children }: ChartProps) => (
  <section class="past">
    <h2>{title}</h2>
    {isEmpty ? <p class="soft">{empty}</p> : children}
  </section>
)

interface RunLineProps {
  title: string
  runs: readonly PastRun[]
  ticks: readonly string[]
  value: (run: PastRun) => number | undefined
  shown?: (value: number) => string
  empty: string
}

function RunLine({ title, runs, ticks, value, shown, empty }: RunLineProps) {
  const values = runs.map(value)
  return (
    <Chart title={title} isEmpty={values.every((one) => one === undefined)} empty={empty}>
      <Lines lines={[{ name: `${title}, run by run`, values }]} title={title} ticks={ticks} {...(shown && { shown })} />
    </Chart>
  )
}
