import type { Colors } from 'trifold/internal/cli/console'
import { inThousands } from 'trifold/internal/operator/figures'
import type { Comparison, GrowthComparison } from '../comparison.ts'
import { growthRemarks } from '../growth/remarks.ts'
import { costLines } from './costs.ts'
import { growthLines } from './growth.ts'
import { wrapped } from './lines.ts'
import { queryLines } from './queries.ts'

/** A comparison for people, at most 100 columns wide. */
export function comparisonText(comparison: Comparison, colors: Colors): string {
  return [
    colors.bold(`${comparison.readModel}: the targets under the same load`),
    ...settingLines(comparison),
    '',
    ...costLines(comparison, colors),
    '',
    ...queryLines(comparison, colors),
    '',
    ...needLines(comparison, colors),
    ...remarkLines(comparison, colors),
    ...recommendationLines(comparison, colors),
  ].join('\n')
}

/** The recommendation at each size, and how the costs grow. */
export function growthText(document: GrowthComparison, colors: Colors): string {
  return [
    colors.bold(`${document.readModel}: the targets as the data grows`),
    '',
    ...growthLines(document, colors),
    ...remarkLines({ remarks: growthRemarks(document.sizes) }, colors),
    ...document.sizes.flatMap(({ size, comparison }) => [
      '',
      colors.bold(`Size ${inThousands(size)}: the definition has ${inThousands(comparison.setting.rows)} rows`),
      ...recommendationLines(comparison, colors).slice(1),
    ]),
  ].join('\n')
}

function settingLines({ setting, load }: Comparison): string[] {
  const engines = [
    `PostgreSQL ${setting.postgres}`,
    ...(setting.openSearch ? [`OpenSearch ${setting.openSearch}`] : []),
  ]
  const what = load.kind === 'replay' ? 'past transactions, appended again' : 'transactions'
  return wrapped(
    `${inThousands(load.transactions.length)} ${what} with ${inThousands(load.events)} events in ${setting.seconds.toFixed(0)} s ` +
      `(${load.reached.toFixed(1)} a second, asked for ${load.rate}), on ${inThousands(setting.rows)} rows; ${engines.join(', ')}, ` +
      `Node ${setting.node}, ${setting.cpus} cores, begun ${setting.startedAt.slice(0, 19)}Z.`,
  )
}

function needLines({ targets }: Comparison, colors: Colors): string[] {
  return [
    colors.bold('What each needs'),
    ...targets.flatMap(({ materializer, needs }) => wrapped(needs.join(' '), `${materializer.padEnd(8)}`)),
  ]
}

function remarkLines({ remarks }: Pick<Comparison, 'remarks'>, colors: Colors): string[] {
  if (remarks.length === 0) return []
  return ['', colors.bold('To know beside the figures'), ...remarks.flatMap((remark) => wrapped(remark, '- '))]
}

const choices = {
  table: 'Recommended: the table.',
  view: 'Recommended: the view.',
  search: 'Recommended: the search index.',
  none: 'Recommended: none of them. The definition, as a plain view, is enough.',
  undecided: 'No recommendation.',
}

function recommendationLines({ recommendation }: Comparison, colors: Colors): string[] {
  const { choice, sentences } = recommendation
  return ['', colors.bold(choices[choice]), ...sentences.flatMap(({ text }) => wrapped(text, '- '))]
}
