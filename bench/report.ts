import { cpus, totalmem } from 'node:os'
import { tableText } from '../src/cli/table.ts'
import { type Figure, type Goal, reached } from './figure.ts'
import type { BenchOptions } from './options.ts'

/** One row a figure: its value, its ceiling or control, their ratio and whether the goal is reached. */
export function printTable(figures: readonly Figure[]): void {
  const head = ['benchmark', 'figure', 'measured', 'ceiling or control', 'ratio', 'goal', '']
  const alignments = head.map((title) => (title === 'measured' || title === 'ratio' ? 'right' : 'left'))
  process.stdout.write(`${machine()}\n${tableText(alignments, [head, ...figures.map(rowOf)])}\n`)
}

function rowOf(figure: Figure): string[] {
  const { bench, name, value, unit, control, ratio, goal } = figure
  return [
    bench,
    name,
    `${shown(value)} ${unit}`,
    control ? `${shown(control.value)} ${unit} (${control.name})` : '',
    ratio === undefined ? '' : ratio.toFixed(2),
    goal ? shownGoal(goal, unit) : '',
    { true: 'reached', false: 'missed', undefined: '' }[String(reached(figure))] ?? '',
  ]
}

/** Everything, every round included, for programs. */
export function printJson(figures: readonly Figure[], options: BenchOptions): void {
  const report = { machine: machine(), options, figures: figures.map((one) => ({ ...one, reached: reached(one) })) }
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
}

function machine(): string {
  const all = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${all.length} x ${all[0]?.model.trim()}, ${memory} GiB, Node.js ${process.versions.node}, ${process.platform}`
}

function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

function shownGoal({ of, atLeast, atMost }: Goal, unit: string): string {
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`
  return of === 'ratio' ? `ratio ${bound}` : `${bound} ${unit}`
}
