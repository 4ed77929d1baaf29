import type { Colors } from 'trifold/internal/cli/console'
import { tableText } from 'trifold/internal/cli/table'
import type { Answer, Answerer, Comparison, QueryFigures } from '../comparison.ts'
import { inWords } from '../quantity.ts'
import { quantile, valuesOf } from '../series.ts'
import { wrapped } from './lines.ts'

const longestName = 40

/** The latency of every query in each target and by the definition, and what is to be said of them. */
export function queryLines({ queries, targets }: Comparison, colors: Colors): string[] {
  const answerers: Answerer[] = [...targets.map(({ materializer }) => materializer), 'definition']
  const head = ['query', '', ...answerers].map((title) => colors.bold(title))
  const lines = queries.flatMap((query) => [
    [shortened(query.name), 'p50', ...answerers.map((by) => cellOf(query, by, 0.5))],
    ['', 'p95', ...answerers.map((by) => cellOf(query, by, 0.95))],
  ])
  const table = tableText(['left', 'left', ...answerers.map(() => 'right' as const)], [head, ...lines])
  const notes = queries.flatMap(notesOf)
  return [table, ...(notes.length > 0 ? ['', ...notes] : [])]
}

const shortened = (name: string): string => (name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`)

const answerOf = ({ answers }: QueryFigures, by: Answerer): Answer | undefined =>
  answers.find((answer) => answer.by === by)

function cellOf(query: QueryFigures, by: Answerer, share: number): string {
  const answer = answerOf(query, by)
  if (!answer || 'cannot' in answer) return answer ? 'cannot' : '-'
  return `${inWords(quantile(valuesOf(answer.latency), share), 'ms')}${answer.equal ? '' : ' ≠'}`
}

function notesOf(query: QueryFigures): string[] {
  const refusals = new Map<string, Answerer[]>()
  for (const answer of query.answers) {
    if ('cannot' in answer) refusals.set(answer.cannot, [...(refusals.get(answer.cannot) ?? []), answer.by])
  }
  const unequal = query.answers.filter((answer) => 'equal' in answer && !answer.equal).map(({ by }) => by)
  const notes = [
    ...[...refusals].map(([reason, who]) => `${listed(who)} cannot answer it: ${reason}.`),
    ...(unequal.length > 0 ? [`≠ ${listed(unequal)} gave other rows than the definition.`] : []),
    ...indexNote(query),
  ]
  return notes.flatMap((note) => wrapped(`${query.name}: ${note}`, '- '))
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

function indexNote(query: QueryFigures): string[] {
  const itself = answerOf(query, 'definition')
  if (!query.index || !itself || 'cannot' in itself) return []
  const { statement, latency } = query.index
  const change = (share: number) =>
    `${inWords(quantile(valuesOf(latency), share), 'ms')} in place of ${inWords(quantile(valuesOf(itself.latency), share), 'ms')}`
  return [
    `with \`${statement}\` on the write model the definition takes ${change(0.5)} at p50 and ${change(0.95)} at p95 (tried in a transaction that was rolled back).`,
  ]
}
