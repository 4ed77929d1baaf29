import { cpus, totalmem } from 'node:os'
import { tableText } from '../src/cli/table.ts'
import { type Figure, type Goal, reached } from './figure.ts'
import type { BenchOptions } from './options.ts'

/** One row a figure: its value with the spread of its rounds, its ceiling or control, their ratio and whether the goal is reached. */
export function printTable(figures: readonly Figure[], disturbances: readonly string[]): void {
  const head = ['benchmark', 'figure', 'measured', 'ceiling or control', 'ratio', 'goal', '']
  const alignments = head.map((title) => (title === 'measured' || title === 'ratio' ? 'right' : 'left'))
  process.stdout.write(
    `${[machine(), ...disturbances].join('\n')}\n${tableText(alignments, [head, ...figures.map(rowOf)])}\n`,
  )
}

function rowOf(figure: Figure): string[] {
  const { bench, name, value, unit, raw, control, ratio, ratios, goal } = figure
  return [
    bench,
    name,
    `${withSpread(shown, value, raw)} ${unit}`,
    control ? `${shown(control.value)} ${unit} (${control.name})` : '',
    ratio === undefined ? '' : withSpread((one) => one.toFixed(2), ratio, ratios ?? []),
    goal ? shownGoal(goal, unit) : '',
    { true: 'reached', false: 'missed', undefined: '' }[String(reached(figure))] ?? '',
  ]
}

/** Everything, every round included, for programs. */
export function printJson(figures: readonly Figure[], options: BenchOptions, disturbances: readonly string[]): void {
  const report = {
    machine: machine(),
    options,
    disturbances,
    figures: figures.map((one) => ({ ...one, reached: reached(one) })),
  }
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
}

function machine(): string {
  const all = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${all.length} x ${all[0]?.model.trim()}, ${memory} GiB, Node.js ${process.versions.node}, ${process.platform}`
}

/** The median, and the least and the greatest of the rounds. */
function withSpread(text: (value: number) => string, value: number, rounds: readonly number[]): string {
  return rounds.length < 2 ? text(value) : `${text(value)} (${text(Math.min(...rounds))}–${text(Math.max(...rounds))})`
}

function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

function shownGoal({ of, atLeast, atMost }: Goal, unit: string): string {
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`
  return of === 'ratio' ? `ratio ${bound}` : `${bound} ${unit}`
}
