import { cpus, totalmem } from 'node:os'
import Table from 'cli-table3'
import { type Figure, type Goal, reached } from './figure.ts'
import type { BenchOptions } from './options.ts'

/** One row a figure: its value, its ceiling or control, their ratio and whether the goal is reached. */
export function printTable(figures: readonly Figure[]): void {
  const table = new Table({
    head: ['benchmark', 'figure', 'measured', 'ceiling or control', 'ratio', 'goal', ''],
    style: { head: [], border: [] },
  })
  for (const figure of figures) {
    const { bench, name, value, unit, control, ratio, goal } = figure
    table.push([
      bench,
      name,
      `${shown(value)} ${unit}`,
      control ? `${shown(control.value)} ${unit}\n${control.name}` : '',
      ratio === undefined ? '' : ratio.toFixed(2),
      goal ? shownGoal(goal, unit) : '',
      { true: 'reached', false: 'missed', undefined: '' }[String(reached(figure))],
    ])
  }
  process.stdout.write(`${machine()}\n${table.toString()}\n`)
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
