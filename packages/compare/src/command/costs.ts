import type { Colors } from 'trifold/internal/cli/console'
import { tableText } from 'trifold/internal/cli/table'
import { inThousands } from 'trifold/internal/operator/figures'
import type { Amount, Comparison, TargetFigures } from '../comparison.ts'
import { distributionOf } from '../distribution.ts'
import { warmUps } from '../load/run-load.ts'
import { inWords } from '../quantity.ts'
import { quantile, valuesOf } from '../series.ts'
import { wrapped } from './lines.ts'

/** One line of the table: what, of which kind, and one cell a target. */
type Line = [group: string, what: string, ...cells: string[]]

/** Lag, work, refreshes, sizes: a column for each target. */
export function costLines(comparison: Comparison, colors: Colors): string[] {
  const { targets } = comparison
  const head = ['', '', ...targets.map(({ materializer, temporary }) => `${materializer}${temporary ? ' *' : ''}`)]
  const lines = [...lagLines(targets), ...workLines(targets), ...refreshLines(targets), ...sizeLines(targets)]
  const table = tableText(
    ['left', 'left', ...targets.map(() => 'right' as const)],
    [head.map((title) => colors.bold(title)), ...lines],
  )
  return [table, '', ...footnotes(comparison)]
}

function lagLines(targets: readonly TargetFigures[]): Line[] {
  const lags = targets.map(({ lag }) => distributionOf(valuesOf(lag)))
  const line = (what: 'p50' | 'p95' | 'p99' | 'max', group = ''): Line => [
    group,
    what,
    ...lags.map((lag) => (lag ? inWords(lag[what], 'ms') : '-')),
  ]
  const unseen: Line[] = targets.some(({ neverSeen }) => neverSeen > 0)
    ? [['', 'never seen', ...targets.map(({ neverSeen }) => inThousands(neverSeen))]]
    : []
  return [line('p50', 'commit to visible'), line('p95'), line('p99'), line('max'), ...unseen]
}

function workLines(targets: readonly TargetFigures[]): Line[] {
  const line = (what: string, name: 'workerCpu' | 'engineCpu' | 'wal' | 'bytesWritten', group = ''): Line => [
    group,
    what,
    ...targets.map(({ work }) => perEvent(work[name], work.events)),
  ]
  return [
    line('worker CPU', 'workerCpu', 'work per event'),
    line('engine CPU', 'engineCpu'),
    line('WAL', 'wal'),
    line('written', 'bytesWritten'),
  ]
}

function refreshLines(targets: readonly TargetFigures[]): Line[] {
  const middle = targets.map(({ refresh }) => quantile(valuesOf(refresh), 0.5))
  return [
    ['refresh', 'p50', ...middle.map((value) => (Number.isNaN(value) ? '-' : inWords(value, 'ms')))],
    ['', 'how many', ...targets.map(({ refresh }) => inThousands(refresh.samples.length))],
  ]
}

function sizeLines(targets: readonly TargetFigures[]): Line[] {
  const line = (group: string, name: 'rows' | 'storage' | 'rebuild'): Line => [
    group,
    '',
    ...targets.map((target) => shown(target[name])),
  ]
  const verification = ({ verified }: TargetFigures): string =>
    verified.equal ? 'all rows' : `${inThousands(verified.missing + verified.surplus + verified.different)} rows differ`
  return [
    line('rows', 'rows'),
    line('storage', 'storage'),
    line('rebuild', 'rebuild'),
    ['equals the definition', '', ...targets.map(verification)],
  ]
}

const shown = (amount: Amount): string => ('value' in amount ? inUnit(amount.value, amount.unit) : '-')

function perEvent(amount: Amount, events: Amount): string {
  if (!('value' in amount && 'value' in events) || events.value === 0) return '-'
  return inUnit(amount.value / events.value, amount.unit)
}

function inUnit(value: number, unit: 'ms' | 'bytes' | 'rows' | 'events'): string {
  if (unit === 'ms') return inWords(value, 'ms')
  return unit === 'bytes' ? inWords(value, 'bytes') : inThousands(value)
}

function footnotes({ load, targets, setting }: Comparison): string[] {
  const total = load.transactions.map((transaction) => transaction.total)
  const append = load.transactions.map((transaction) => transaction.append)
  return [
    ...wrapped(
      `A write transaction takes ${inWords(quantile(total, 0.5), 'ms')} at p50 (p99 ${inWords(quantile(total, 0.99), 'ms')}), and the append of its ` +
        `events ${inWords(quantile(append, 0.5), 'ms')} of that (p99 ${inWords(quantile(append, 0.99), 'ms')}): once for all targets fed by events, ` +
        `nothing for the view. ${warmUps} more ran before, to warm up, and are in no figure.`,
    ),
    ...wrapped(`Lags are known to ${inWords(setting.lagResolution, 'ms')}. "-" was not measured, or there is none.`),
    ...(targets.some(({ temporary }) => temporary)
      ? wrapped('* created for the comparison, and removed when it had ended.')
      : []),
    ...reasons(targets).flatMap((reason) => wrapped(reason, '  ')),
  ]
}

const amounts: [string, (target: TargetFigures) => Amount][] = [
  ['worker CPU', ({ work }) => work.workerCpu],
  ['engine CPU', ({ work }) => work.engineCpu],
  ['WAL', ({ work }) => work.wal],
  ['written', ({ work }) => work.bytesWritten],
  ['storage', ({ storage }) => storage],
  ['rebuild', ({ rebuild }) => rebuild],
]

/** Why an amount is missing, or what it holds: each said once, with the targets of which it is true. */
function reasons(targets: readonly TargetFigures[]): string[] {
  return amounts.flatMap(([name, amountOf]) => {
    const said = new Map<string, string[]>()
    for (const target of targets) {
      const amount = amountOf(target)
      const text = 'notMeasured' in amount ? `not measured: ${amount.notMeasured}` : amount.note
      if (text !== undefined) said.set(text, [...(said.get(text) ?? []), target.materializer])
    }
    return [...said].map(
      ([text, who]) => `${name} (${who.length === targets.length ? 'all' : who.join(', ')}): ${text}.`,
    )
  })
}
