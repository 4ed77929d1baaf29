import { availableParallelism, loadavg } from 'node:os'
import type { Spread } from './percentile.ts'
import type { Run } from './run.ts'
import type { WriteCost } from './write-cost.ts'

/** What was measured of one target. Times in milliseconds. */
export interface TargetReport {
  target: string
  rows: number | undefined
  bytes: number | undefined
  /** From the commit until a reader that asks for it has its answer. */
  lag: Spread
  /** What the target's feed adds to a transaction that places an order. */
  write: number
  /** One refresh; undefined where there is none. */
  refresh: number | undefined
  query: Spread
  agrees: boolean
}

/** What `--json` prints. */
export interface DemoReport {
  seconds: number
  /** Commands that were carried out, and how many of them a second. */
  commands: number
  rate: number
  /** Commands that the shop refused by its rules. */
  refused: number
  write: WriteCost
  rows: number
  agree: boolean
  targets: TargetReport[]
  machine: Machine
}

export interface Machine {
  cores: number
  /** Processes that were running or waiting for a core in the minute before the demo; 0 where nobody counts them. */
  busy: number
  node: string
  engines: string
}

export const machineOf = (busy: number, engines: string): Machine => ({
  cores: availableParallelism(),
  busy,
  node: process.version,
  engines,
})

/** To be asked before the demo makes its own load. */
export const busyNow = (): number => Math.round((loadavg()[0] as number) * 10) / 10

/** The closing table and what its columns mean. */
export function showReport(run: Run, report: DemoReport): void {
  const { kit, console, say } = run
  if (run.options.json) kit.printJson(console.stdout, report)
  const { dim, bold } = kit.colorsOf(console.stdout)
  const head = ['', 'lag p50', 'p99', 'write', 'refresh', 'query p50', 'p99', 'rows', 'size'].map((title) => dim(title))
  const alignments = head.map((_, place) => (place === 0 ? ('left' as const) : ('right' as const)))
  say(`\n${bold('What each target costs, and what it gives')}\n`)
  say(kit.tableText(alignments, [head, ...report.targets.map((target) => rowOf(run, target))]))
  for (const line of notes(run, report)) say(line)
}

function rowOf({ kit }: Run, { target, lag, write, refresh, query, rows, bytes }: TargetReport): string[] {
  const time = (milliseconds: number | undefined) => (milliseconds === undefined ? '-' : kit.inSeconds(milliseconds))
  return [
    target,
    time(lag.p50),
    time(lag.p99),
    write === 0 ? '-' : `+${time(write)}`,
    time(refresh),
    time(query.p50),
    time(query.p99),
    rows === undefined ? '-' : kit.inThousands(rows),
    bytes === undefined ? '-' : kit.inBytes(bytes),
  ]
}

function notes({ kit }: Run, report: DemoReport): string[] {
  const { write, targets, commands, seconds, rate, machine } = report
  const counts = targets.map(({ lag }) => lag.count)
  const search = targets.some(({ target }) => target.endsWith('@search'))
  return [
    '',
    'lag      from the commit to the answer, for a reader that passes its commit token',
    `         (${Math.min(...counts)} probes a target; the view is refreshed every 2 s)`,
    'write    what the append of the event adds to the transaction that places an order, once for all',
    `         targets fed by events (${write.pairs} pairs; ${kit.inSeconds(write.withoutEvents)} without it)`,
    `refresh  one run of the definition for the view${search ? ', one index refresh for search' : ''}; the table needs none`,
    `query    the newest orders of a customer, ${targets[0]?.query.count} times each, after the load`,
    '',
    agreement(kit, report),
    `All figures were measured just now: ${kit.inThousands(commands)} commands in ${seconds.toFixed(0)} s (${rate.toFixed(0)}/s) on this machine,`,
    `with ${machine.cores} cores, Node ${machine.node}, ${machine.engines}.`,
    ...busyNote(machine),
  ]
}

const busyNote = ({ busy, cores }: Machine): string[] =>
  busy > cores
    ? [`It was busy before the demo began (load ${busy} on ${cores} cores): on a quiet machine the times are shorter.`]
    : []

function agreement(kit: Run['kit'], { agree, rows, targets }: DemoReport): string {
  if (agree)
    return `When all was quiet, every row of every target was the definition's, value by value (${kit.inThousands(rows)} rows).`
  const wrong = targets.filter(({ agrees }) => !agrees).map(({ target }) => target)
  return `NOT in agreement with the definition: ${wrong.join(', ')}. This must never happen; please report it.`
}
