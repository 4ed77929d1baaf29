import { momentText, spanText } from '@trifold/pages'
import type { TargetStatus } from 'trifold'
import { buildText } from 'trifold/internal/operator/status/build-text'
import { Act } from '../parts/act.tsx'
import { AuditTable } from '../parts/audit-table.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { TableHead } from '../parts/table-head.tsx'
import { Ticks } from '../parts/ticks.tsx'
import { percentText, timingText } from '../parts/timing.ts'
import { Verdict } from '../parts/verdict.tsx'
import { targetPath, type Viewer } from '../parts/viewer.ts'
import type { TargetNow } from '../reading/now.ts'
import type { Now } from '../reading/sight.ts'

/** All targets, a row each, and the last actions. */
export const NowPage = ({ viewer, now: { status, targets, actions } }: { viewer: Viewer; now: Now }) => (
  <ConsolePage viewer={viewer} title="Now" page="/">
    <h1 class="unseen">Targets now</h1>
    <p class="summary">
      <b>{summaryOf(status.targets)}</b> <span class="soft">as of</span>{' '}
      <time dateTime={status.feed.at}>{momentText(status.feed.at, viewer.timeZone)}</time>
    </p>
    <table class="cards targets">
      <TableHead
        columns={['Target', 'Lag, last day', 'In time', 'Last runs', 'Interval used', 'Next run', 'Worker']}
        acts={viewer.canAct}
      />
      <tbody>
        {targets.map((target) => (
          <TargetRow viewer={viewer} target={target} at={status.feed.at} />
        ))}
      </tbody>
    </table>
    <section id="actions" class="actions">
      <h2>Last actions</h2>
      <AuditTable viewer={viewer} entries={actions} />
    </section>
  </ConsolePage>
)

function summaryOf(targets: readonly TargetStatus[]): string {
  if (targets.length === 0) return 'No target is configured'
  const said = { red: 'red', yellow: 'yellow', green: 'green' } as const
  const counts = Object.entries(said).map(([verdict, text]) => {
    const count = targets.filter((target) => target.verdict === verdict).length
    return count > 0 ? `${count} ${text}` : ''
  })
  return counts.filter(Boolean).join(', ')
}

/** @param props.at when it was looked at, by the database's clock */
function TargetRow({ viewer, target, at }: { viewer: Viewer; target: TargetNow; at: string }) {
  const { status, past, used, worker } = target
  const { lag, schedule, reason, build } = status
  return (
    <tr>
      <th scope="row">
        <span class="name">
          <a href={targetPath(viewer, status.target)}>
            <b>{status.target}</b>
          </a>{' '}
          <Verdict {...status} />
        </span>
        <p class="reason">{reason}</p>
        {build && <p class="reason">{`generation ${build.generation}: ${buildText(build, at)}`}</p>}
      </th>
      <td data-label="Lag, last day">
        <Sparkline values={past.parts.map((part) => part.lag)} title={lagTitle(past.parts)} />
        <span class="figure">{lag === undefined ? 'not built' : spanText(lag)}</span>
      </td>
      <td data-label="In time">{inTime(past.held)}</td>
      <td data-label="Last runs">
        <Ticks runs={past.runs} usual={past.sums.p50} timeZone={viewer.timeZone} />
      </td>
      <td data-label="Interval used">
        {used === undefined ? <span class="soft">–</span> : <b class={usedClass(used)}>{percentText(used)}</b>}
      </td>
      <td data-label="Next run">
        {schedule && <span class="soft">{timingText(schedule.timing)}</span>}
        {nextText(status, viewer.timeZone)}
      </td>
      <td data-label="Worker" class="worker">
        {worker ?? <span class="soft">–</span>}
      </td>
      {viewer.canAct && (
        <td class="do">
          <Act viewer={viewer} target={status} to={`${viewer.home}/`} />
        </td>
      )}
    </tr>
  )
}

function lagTitle(parts: TargetNow['past']['parts']): string {
  const most = Math.max(0, ...parts.map((part) => part.lag ?? 0))
  return `Lag of the last day, at most ${spanText(most)}`
}

const inTime = (held: TargetNow['past']['held']) =>
  held ? (
    <span title={`readers saw rows ${spanText(held.p50)} (p50) and ${spanText(held.p99)} (p99) old`}>
      <b>{`${(100 * held.share).toFixed(1)} %`}</b> <span class="soft">{`within ${spanText(held.target)}`}</span>
    </span>
  ) : (
    <span class="soft">no target lag</span>
  )

/** From half of the interval on a refresh has little room left. */
const usedClass = (used: number): string | undefined => (used > 1 ? 'bad' : used > 0.5 ? 'tight' : undefined)

function nextText({ schedule, refreshing, rebuilding }: TargetStatus, timeZone: string) {
  if (rebuilding) return <b>rebuilding now</b>
  if (refreshing) return <b>refreshing now</b>
  if (!schedule) return <span class="soft">by events</span>
  if (schedule.paused) return <b class="tight">paused</b>
  if (!schedule.nextAt) return <b class="bad">no worker runs it</b>
  const next = schedule.nextAt.toISOString()
  return <time dateTime={next}>{momentText(next, timeZone)}</time>
}
