import { inBytes, inSeconds, inThousands } from '../../operator/figures.ts'
import type { History, HistoryPart, PastRun, RunSums, TargetHistory } from '../../operator/history.ts'
import { type Clock, clockOf } from '../clock.ts'
import type { Colors } from '../console.ts'
import { sparkline } from '../sparkline.ts'
import { type Alignment, tableText } from '../table.ts'

const columns: readonly (readonly [title: string, Alignment])[] = [
  ['ended', 'left'],
  ['cause', 'left'],
  ['took', 'right'],
  ['waited', 'right'],
  ['rows', 'right'],
  ['inserted', 'right'],
  ['changed', 'right'],
  ['deleted', 'right'],
  ['WAL', 'right'],
  ['lag', 'left'],
  ['', 'left'],
]

/** For each target its sums, its plots and its last runs. Times are of the zone. */
export function historyText(history: History, timeZone: string | undefined, colors: Colors): string {
  const clock = clockOf(timeZone)
  const period = `since ${clock(history.since)} (${clock.zone})`
  return history.targets.map((target) => targetText(target, period, clock, colors)).join('\n\n')
}

function targetText(
  { target, sums, held, parts, runs }: TargetHistory,
  period: string,
  clock: Clock,
  colors: Colors,
): string {
  const lines = [`${colors.bold(target)}, ${period}: ${sumsText(sums)}`, ...heldLines(held), ...plots(parts)]
  if (runs.length === 0) return lines.join('\n')
  const alignments = columns.map(([, alignment]) => alignment)
  const titles = columns.map(([title]) => colors.dim(title))
  return [...lines, tableText(alignments, [titles, ...runs.map((run) => rowOf(run, clock, colors))])].join('\n')
}

function sumsText({ refreshed, rebuilt, recomputed, failed, skipped, ...sums }: RunSums): string {
  const counts = { refreshed, rebuilt, recomputed, failed, skipped }
  const counted = Object.entries(counts).filter(([, count]) => count > 0)
  if (counted.length === 0) return 'no refresh, rebuild or recompute'
  const { p50, p99, walBytes, worked, lockWait } = sums
  return [
    counted.map(([what, count]) => `${inThousands(count)} ${what}`).join(', '),
    p50 === undefined || p99 === undefined ? '' : `a refresh took ${inSeconds(p50)} (p50), ${inSeconds(p99)} (p99)`,
    `${inSeconds(worked)} of work, ${inSeconds(lockWait)} waiting for locks, ${walText(walBytes)} WAL`,
  ]
    .filter(Boolean)
    .join('; ')
}

const walText = (bytes: number | undefined): string => (bytes === undefined ? 'unknown' : inBytes(bytes))

const heldLines = (held: TargetHistory['held']): string[] =>
  held
    ? [
        `  a lag of ${inSeconds(held.target)} was held for ${(100 * held.share).toFixed(2)} % of the time; what readers saw was ` +
          `${inSeconds(held.p50)} (p50), ${inSeconds(held.p99)} (p99) old`,
      ]
    : []

/** Each plot has its greatest value behind it. One of which nothing is known is left out. */
function plots(parts: readonly HistoryPart[]): string[] {
  const plot = (title: string, values: readonly (number | undefined)[], shown: (value: number) => string) => {
    const most = Math.max(...values.map((value) => value ?? 0))
    return most > 0 ? [`  ${title.padEnd(6)} ${sparkline(values)} at most ${shown(most)}`] : []
  }
  return [
    ...plot(
      'lag',
      parts.map(({ lag }) => lag),
      inSeconds,
    ),
    ...plot(
      'took',
      parts.map(({ longest }) => longest),
      inSeconds,
    ),
    ...plot(
      'events',
      parts.map(({ events }) => events),
      inThousands,
    ),
  ]
}

function rowOf(run: PastRun, clock: Clock, colors: Colors): string[] {
  const count = (value: number | undefined) => (value === undefined ? '-' : inThousands(value))
  const lag =
    run.lagBefore === undefined || run.lagAfter === undefined
      ? '-'
      : `${inSeconds(run.lagBefore)} → ${inSeconds(run.lagAfter)}`
  return [
    clock(run.finishedAt),
    run.cause,
    run.outcome === 'skipped' ? '-' : inSeconds(run.milliseconds),
    waitedText(run),
    count(run.rows),
    count(run.inserted),
    count(run.changed),
    count(run.deleted),
    run.walBytes === undefined ? '-' : inBytes(run.walBytes),
    lag,
    noteOf(run, colors),
  ]
}

/** From the request to its lock: in the queue, for a session, and for locks of tables. */
const waitedText = ({ queuedAt, startedAt }: PastRun): string =>
  queuedAt === undefined ? '-' : inSeconds(Math.max(0, Date.parse(startedAt) - Date.parse(queuedAt)))

function noteOf({ outcome, error, lockWait, attempt = 1 }: PastRun, colors: Colors): string {
  const blocker = lockWait?.blockers[0]
  return [
    outcome === 'skipped' ? 'skipped: another one was running' : '',
    error ? colors.red(`${error.message} [${[error.code, error.sqlState].filter(Boolean).join(', ')}]`) : '',
    blocker && lockWait
      ? `waited ${inSeconds(lockWait.milliseconds)} for ${blocker.application} (pid ${blocker.pid}): ${blocker.query ?? 'its query is not to be seen'}`
      : '',
    attempt > 1 ? `attempt ${attempt}` : '',
  ]
    .filter(Boolean)
    .join('; ')
}
