import { momentText, spanText } from '@trifold/pages'
import type { PastRun } from 'trifold'

const height = 100
const step = 10

interface Props {
  /** The oldest first. */
  runs: readonly PastRun[]
  timeZone: string
}

/** A bar for each run, as long as it took; on it, in another colour, how long it had waited for locks. */
export function RunBars({ runs, timeZone }: Props) {
  const most = Math.max(1, ...runs.map((run) => run.milliseconds + waitOf(run)))
  const size = (milliseconds: number) => (milliseconds / most) * height
  return (
    <figure class="chart">
      <span class="most">{spanText(most)}</span>
      <svg
        viewBox={`0 0 ${runs.length * step} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="How long runs took"
      >
        {runs.map((run, place) => (
          <g>
            <title>{titleOf(run, timeZone)}</title>
            <rect class="room" x={place * step} width={step} height={height} />
            <Part
              kind={run.outcome === 'failed' ? 'bar failed' : 'bar'}
              place={place}
              from={0}
              to={size(run.milliseconds)}
            />
            <Part
              kind="bar waited"
              place={place}
              from={size(run.milliseconds)}
              to={size(run.milliseconds + waitOf(run))}
            />
          </g>
        ))}
      </svg>
      <ul class="key">
        <Key kind="bar">took</Key>
        <Key kind="bar waited">waited for locks</Key>
        <Key kind="bar failed">failed</Key>
      </ul>
    </figure>
  )
}

const waitOf = ({ lockWait }: PastRun): number => lockWait?.milliseconds ?? 0

const Part = ({ kind, place, from, to }: { kind: string; place: number; from: number; to: number }) =>
  to > from ? <rect class={kind} x={place * step + 1} y={height - to} width={step - 2} height={to - from} /> : null

const Key = ({ kind, children }: { kind: string; children: string }) => (
  <li>
    <svg width="12" height="12" aria-hidden="true">
      <rect class={kind} width="12" height="12" />
    </svg>
    {children}
  </li>
)

function titleOf(run: PastRun, timeZone: string): string {
  const waited = waitOf(run) > 0 ? `, waited ${spanText(waitOf(run))} for locks` : ''
  return `${run.cause} at ${momentText(run.finishedAt, timeZone)}: ${run.outcome}, ${spanText(run.milliseconds)}${waited}`
}
