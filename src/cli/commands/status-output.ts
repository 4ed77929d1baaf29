import { inBytes, inSeconds, inThousands } from '../../operator/figures.ts'
import { buildText } from '../../operator/status/build-text.ts'
import { verifiedText } from '../../operator/status/verified.ts'
import type { Status, TargetStatus } from '../../operator/status.ts'
import type { Colors } from '../console.ts'
import { type Alignment, tableText } from '../table.ts'

const columns: readonly (readonly [title: string, Alignment])[] = [
  ['', 'left'],
  ['target', 'left'],
  ['state', 'left'],
  ['lag', 'right'],
  ['rows', 'right'],
  ['size', 'right'],
  ['build', 'right'],
  ['last refresh', 'left'],
  ['next', 'left'],
]

/** The table of the targets, and below it a sentence on each that is not green. */
export function statusText(status: Status, colors: Colors): string {
  const others = [
    ...switchLines(status),
    ...status.targets.flatMap(warmLines),
    ...relayLines(status, colors),
    ...unconfiguredLines(status),
  ]
  if (status.targets.length === 0) return ['no targets are configured', ...others].join('\n')
  const table = tableText(
    columns.map(([, alignment]) => alignment),
    [
      columns.map(([title]) => colors.dim(title)),
      ...status.targets.map((target) => rowOf(target, status.feed.at, colors)),
    ],
  )
  const notes = status.targets.map((target) => noteOf(target, status.feed.at, colors))
  return [table, '', ...notes, ...others, feedLine(status)].join('\n')
}

function rowOf(target: TargetStatus, now: string, colors: Colors): string[] {
  const { lag, rows, rowsEstimated, bytes, generation, schedule } = target
  return [
    colors[target.verdict](target.verdict),
    target.target,
    target.state,
    lag === undefined ? '-' : inSeconds(lag),
    rows === undefined ? '-' : `${rowsEstimated ? '~' : ''}${inThousands(rows)}`,
    bytes === undefined ? '-' : inBytes(bytes),
    generation ? `g${generation.number}` : '-',
    refreshOf(target, now),
    schedule?.nextAt ? `in ${inSeconds(Math.max(0, schedule.nextAt.getTime() - Date.parse(now)))}` : '-',
  ]
}

function refreshOf({ lastRefresh }: TargetStatus, now: string): string {
  if (!lastRefresh) return '-'
  const ago = inSeconds(Math.max(0, Date.parse(now) - Date.parse(lastRefresh.finishedAt)))
  const outcome = lastRefresh.outcome === 'failed' ? 'failed after' : 'took'
  return `${outcome} ${inSeconds(lastRefresh.milliseconds)}, ${ago} ago`
}

const noteOf = (target: TargetStatus, now: string, colors: Colors): string =>
  [
    `${colors.dim(`${target.target}:`)} ${target.reason}${ownerOf(target)}${verifiedOf(target, now)}`,
    ...runLines(target, now),
    ...buildLines(target, now),
    ...causeLines(target),
  ].join('\n  ')

const runLines = ({ run }: TargetStatus, now: string): string[] =>
  run
    ? [
        `under way: ${run.cause === 'rebuild' ? 'a rebuild' : `a refresh (${run.cause})`}, ${run.phase}, for ${inSeconds(Math.max(0, Date.parse(now) - Date.parse(run.startedAt)))}${run.attempt > 1 ? `, attempt ${run.attempt}` : ''}, by ${run.worker}, PostgreSQL process ${run.pid}`,
      ]
    : []

const buildLines = ({ build }: TargetStatus, now: string): string[] =>
  build ? [`under way: generation ${build.generation}, ${buildText(build, now)}`] : []

const causeLines = ({ cause }: TargetStatus): string[] => (cause ? [`why (${cause.kind}): ${cause.sentence}`] : [])

/** What differs is in the reason already. */
function verifiedOf({ verified, planDependent }: TargetStatus, now: string): string {
  const equal = verified && verified.differing === 0 ? `; ${verifiedText(verified, now)}` : ''
  return planDependent.length === 0 ? equal : `${equal}; never compared: ${planDependent.join(', ')}`
}

function ownerOf({ consumer }: TargetStatus): string {
  return consumer?.held ? ` (${consumer.owner}, epoch ${consumer.epoch})` : ''
}

const warmLines = ({ target, warm }: TargetStatus): string[] =>
  warm
    ? [
        `${target}: generation ${warm.number} follows until ${warm.until}, lag ${inSeconds(warm.lagMs)}${warm.bytes === undefined ? '' : `, ${inBytes(warm.bytes)}`}; \`trifold rollback ${target}\` serves it again`,
      ]
    : []

const switchLines = ({ switches }: Status): string[] =>
  switches.map(({ readModel, to, at, serves, configured }) => {
    const reset = `\`trifold switch ${readModel} --reset\``
    return serves === to
      ? `${readModel}: switched to ${to} at ${at}; ${reset} returns to ${configured}`
      : `${readModel}: switched to ${to} at ${at}, which is not in this configuration, so ${serves} serves; ${reset} forgets it`
  })

const relayLines = ({ relays }: Status, colors: Colors): string[] =>
  relays.map(({ verdict, target, reason, owner }) => {
    const keeps = owner === undefined ? '' : ` (${owner})`
    return `${colors[verdict](verdict)} ${target}: ${reason}${keeps}`
  })

const unconfiguredLines = ({ unconfigured }: Status): string[] =>
  unconfigured.map(
    (target) =>
      `${target}: it is stored, and not in this configuration; \`trifold target remove ${target}\` takes it away`,
  )

function feedLine({ feed }: Status): string {
  const waiting = feed.waiting === 0 ? '' : `, ${inThousands(feed.waiting)} events in no window yet`
  return `\nera ${feed.era}, window ${feed.lastWindow}${waiting}`
}
