import { setTimeout as delay } from 'node:timers/promises'
import type { TargetStatus } from 'trifold'
import { percentile } from './percentile.ts'
import type { Probes, TargetKind } from './probes.ts'
import type { Run } from './run.ts'
import type { Traffic } from './traffic.ts'
import type { DemoTrifold } from './trifold.config.ts'

/** What the live view looks at. */
export interface Watched {
  trifold: DemoTrifold
  targets: readonly TargetKind[]
  traffic: Traffic
  probes: Probes
}

interface Seen {
  at: number
  /** The last event that each target had applied. */
  ordinals: Map<string, number>
}

const redrawEvery = 500
const lineEvery = 5_000

/** Shows the targets while orders move: drawn over on a terminal, a line now and then elsewhere. Until the signal aborts. */
export async function showLive(run: Run, watched: Watched, signal: AbortSignal): Promise<void> {
  if (run.options.json) return
  const started = performance.now()
  const terminal = Boolean(run.console.stdout.isTTY)
  let seen: Seen = { at: started, ordinals: new Map() }
  let drawn = 0
  while (!signal.aborted) {
    const next = await look(watched, seen)
    seen = next.seen
    const seconds = Math.round((performance.now() - started) / 1_000)
    const lines = terminal
      ? tableOf(run, watched, next.targets, seconds)
      : [lineOf(run, watched, next.targets, seconds)]
    if (signal.aborted && !terminal) return
    if (terminal && drawn > 0) run.console.stdout.write(`\x1b[${drawn}A\x1b[0J`)
    for (const line of lines) run.say(line)
    drawn = lines.length
    await delay(terminal ? redrawEvery : lineEvery, undefined, { signal }).catch(() => {}) // aborted: the loop ends
  }
}

interface SeenTarget {
  kind: TargetKind
  status: TargetStatus
  rows: number
  eventsPerSecond: number | undefined
}

async function look({ trifold, targets }: Watched, before: Seen) {
  const { targets: all } = await trifold.admin.status()
  const at = performance.now()
  const ordinals = new Map<string, number>()
  const seen: SeenTarget[] = []
  for (const kind of targets) {
    const status = all.find(({ materializer }) => materializer === kind) as TargetStatus
    const ordinal = status.consumer?.ordinal
    if (ordinal !== undefined) ordinals.set(kind, ordinal)
    const { groups } = await trifold.readModel('order_summary').summarize({ from: kind })
    seen.push({ kind, status, rows: groups[0]?.count ?? 0, eventsPerSecond: rateOf(ordinal, before, kind, at) })
  }
  return { targets: seen, seen: { at, ordinals } }
}

function rateOf(ordinal: number | undefined, before: Seen, kind: TargetKind, at: number): number | undefined {
  const earlier = before.ordinals.get(kind)
  return ordinal === undefined || earlier === undefined ? undefined : ((ordinal - earlier) * 1_000) / (at - before.at)
}

function tableOf(run: Run, watched: Watched, targets: readonly SeenTarget[], seconds: number): string[] {
  const { kit, console } = run
  const { dim, bold } = kit.colorsOf(console.stdout)
  const titles = ['', 'rows', 'lag now', 'commit → visible', 'events/s', 'last refresh']
  const rows = targets.map((target) => [
    target.status.target,
    kit.inThousands(target.rows),
    lagOf(run, target),
    visibleAfter(run, watched, target.kind),
    target.eventsPerSecond === undefined ? '-' : target.eventsPerSecond.toFixed(0),
    refreshOf(run, target.status),
  ])
  const widths = titles.map((title, place) =>
    Math.max(title.length, ...rows.map((row) => (row[place] as string).length)),
  )
  const align = (cells: string[]) =>
    cells.map((cell, place) =>
      place === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[place] as number),
    )
  return [
    '',
    `  ${bold(traffic(run, watched, seconds))}`,
    `  ${dim(align(titles).join('   '))}`,
    ...rows.map((row) => `  ${align(row).join('   ')}`),
  ]
}

function lineOf(run: Run, watched: Watched, targets: readonly SeenTarget[], seconds: number): string {
  const parts = targets.map((target) => {
    const visible = visibleAfter(run, watched, target.kind)
    const after = visible === '-' ? '' : `, visible after ${visible}`
    return `${target.kind} ${run.kit.inThousands(target.rows)} rows, lag ${lagOf(run, target)}${after}`
  })
  return `  ${traffic(run, watched, seconds)} | ${parts.join(' | ')}`
}

function traffic({ kit }: Run, { traffic: { done } }: Watched, seconds: number): string {
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(0)}/s` : ''
  return `${seconds} s: ${kit.inThousands(done)} commands${rate}`
}

const lagOf = ({ kit }: Run, { status }: SeenTarget): string =>
  status.lag === undefined ? '-' : kit.inSeconds(status.lag)

/** The middle of the last ten probes. */
function visibleAfter({ kit }: Run, { probes }: Watched, kind: TargetKind): string {
  const middle = percentile((probes.measured.get(kind) ?? []).slice(-10), 0.5)
  return middle === undefined ? '-' : kit.inSeconds(middle)
}

const refreshOf = ({ kit }: Run, { lastRefresh }: TargetStatus): string =>
  lastRefresh ? `${kit.inSeconds(lastRefresh.milliseconds)}` : '-'
