// The figures of a printed comparison, computed anew from the raw samples of its document.
import { expect } from 'vitest'
import { comparisonText } from '../../packages/compare/src/command/output.ts'
import type { Amount, Comparison, QueryFigures, Series, TargetFigures } from '../../packages/compare/src/comparison.ts'
import { colorsOf } from '../../src/cli/console.ts'
import { nearestRank, statedNumbers, states } from './report/stated-numbers.ts'

export const printed = (comparison: Comparison): string => comparisonText(comparison, colorsOf({ write: () => {} }))

/** The printed lines that are longer than a terminal is wide. */
export const overlongLines = (comparison: Comparison): string[] =>
  printed(comparison)
    .split('\n')
    .filter((line) => line.length > 100)

/** A figure of one cell; undefined where there is none to show. */
type Expected<T> = (one: T) => number | undefined

const rank = ({ samples }: Series, share: number): number | undefined =>
  samples.length === 0
    ? undefined
    : nearestRank(
        samples.map(({ value }) => value),
        share,
      )
const numberOf = (amount: Amount): number | undefined => ('value' in amount ? amount.value : undefined)

const byEvent =
  (name: keyof TargetFigures['work']): Expected<TargetFigures> =>
  ({ work }) => {
    const [amount, events] = [numberOf(work[name]), numberOf(work.events)]
    return amount === undefined || !events ? undefined : amount / events
  }

const costs: Record<string, Expected<TargetFigures>> = {
  'commit to visible p50': ({ lag }) => rank(lag, 50),
  'commit to visible p95': ({ lag }) => rank(lag, 95),
  'commit to visible p99': ({ lag }) => rank(lag, 99),
  'commit to visible max': ({ lag }) => rank(lag, 100),
  'commit to visible never seen': ({ neverSeen }) => neverSeen,
  'work per event worker CPU': byEvent('workerCpu'),
  'work per event engine CPU': byEvent('engineCpu'),
  'work per event WAL': byEvent('wal'),
  'work per event written': byEvent('bytesWritten'),
  'refresh p50': ({ refresh }) => rank(refresh, 50),
  'refresh how many': ({ refresh }) => refresh.samples.length,
  rows: ({ rows }) => numberOf(rows),
  storage: ({ storage }) => numberOf(storage),
  rebuild: ({ rebuild }) => numberOf(rebuild),
}

/** The words that begin a line of the table, those of the group above it before them, and its cells. */
function rowsOf(table: string, columns: number): { label: string; cells: string[] }[] {
  let group = ''
  return table.split('\n').map((line) => {
    const parts = line.trim().split(/\s{2,}/)
    const labels = parts.slice(0, -columns)
    if (!line.startsWith(' ')) group = labels[0] ?? ''
    const label = line.startsWith(' ') ? [group, ...labels] : labels
    return { label: label.join(' '), cells: parts.slice(-columns) }
  })
}

function expectCell(cell: string | undefined, figure: number | undefined, where: string): void {
  if (figure === undefined) {
    expect(cell, where).toBe('-')
    return
  }
  const [stated, ...more] = statedNumbers(cell ?? '')
  expect(more, where).toEqual([])
  expect(stated && states(stated, figure), `${where}: ${cell} for ${figure}`).toBe(true)
}

/** Every cell of the printed tables is its figure. */
export function expectPrintedFigures(comparison: Comparison, text = printed(comparison)): void {
  const blocks = text.split('\n\n')
  const block = (begin: RegExp) => blocks.find((one) => begin.test(one)) ?? ''
  expectCosts(comparison, block(/^commit to visible/m))
  if (comparison.queries.length > 0) expectQueries(comparison, block(/^query /))
  expectWriters(comparison, block(/^A write transaction/).replaceAll('\n', ' '))
}

function expectCosts({ targets }: Comparison, table: string): void {
  const rows = rowsOf(table.split('\n').slice(1).join('\n'), targets.length)
  const shown = rows.map(({ label }) => label)
  const optional = targets.some(({ neverSeen }) => neverSeen > 0) ? '' : 'commit to visible never seen'
  const wanted = [...Object.keys(costs).filter((label) => label !== optional), 'equals the definition']
  expect(shown).toEqual(wanted)
  for (const { label, cells } of rows.slice(0, -1)) {
    for (const [i, target] of targets.entries()) {
      expectCell(cells[i], (costs[label] as Expected<TargetFigures>)(target), `${label} of ${target.target}`)
    }
  }
  const differing = targets.map(({ verified: { missing, surplus, different } }) => missing + surplus + different)
  for (const [i, rowsThatDiffer] of differing.entries()) {
    const cell = rows.at(-1)?.cells[i]
    if (rowsThatDiffer === 0) expect(cell).toBe('all rows')
    else expectCell(cell?.replace(' rows differ', ''), rowsThatDiffer, 'equals the definition')
  }
}

function expectQueries({ targets, queries }: Comparison, table: string): void {
  const answerers = [...targets.map(({ materializer }) => materializer), 'definition']
  const rows = rowsOf(table.split('\n').slice(1).join('\n'), answerers.length)
  expect(rows).toHaveLength(2 * queries.length)
  for (const [place, { cells }] of rows.entries()) {
    const { name, answers } = queries[Math.floor(place / 2)] as QueryFigures
    for (const [i, by] of answerers.entries()) {
      const answer = answers.find((one) => one.by === by)
      if (answer && 'cannot' in answer) expect(cells[i]).toBe('cannot')
      else
        expectCell(cells[i]?.replace(' ≠', ''), answer && rank(answer.latency, [50, 95][place % 2]!), `${name}, ${by}`)
      if (answer && 'equal' in answer) expect(cells[i]?.endsWith('≠')).toBe(!answer.equal)
    }
  }
}

/** The sentence on the writers: the whole at p50 and p99, then the append. */
function expectWriters({ load }: Comparison, sentence: string): void {
  if (load.transactions.length === 0) return
  const of = (name: 'total' | 'append') => load.transactions.map((one) => one[name])
  const figures = (['total', 'append'] as const).flatMap((name) =>
    [50, 99].map((share) => nearestRank(of(name), share)),
  )
  const stated = statedNumbers(sentence.replaceAll(/\bp\d\d\b/g, '')).slice(0, figures.length)
  expect(stated.map((one, i) => states(one, figures[i]!) || `${one.written} for ${figures[i]}`)).toEqual(
    figures.map(() => true),
  )
}
