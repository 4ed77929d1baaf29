import type { Answerer, Comparison, QueryFigures, Series } from '../comparison.ts'
import { aboutTheSame, quantile, valuesOf } from '../series.ts'
import { thresholds } from './thresholds.ts'

/** What the measuring leaves to be judged. */
export type Measured = Omit<Comparison, 'recommendation'>

/** How fast one answerer is at one query. */
export interface Timing {
  by: Answerer
  series: Series
  path: string
  values: number[]
  p95: number
  equal: boolean
}

export interface JudgedQuery {
  name: string
  path: string
  timings: Timing[]
  cannot: { by: Answerer; why: string; path: string }[]
  /** The definition with the index that was tried, and taken back. */
  indexed: (Timing & { statement: string; statementPath: string }) | undefined
}

/**
 * The queries that the advice rests on: those that the user named. Where none was named, those that were derived, but
 * for full text: whether readers need it is not known, and it would decide everything.
 */
export function judgedQueries({ queries }: Measured): JudgedQuery[] {
  const named = queries.some((query) => query.named)
  return all(queries, (query) => (named ? query.named : !isFullText(query)))
}

/** The full-text queries that nobody named. */
export const derivedFullText = ({ queries }: Measured): JudgedQuery[] =>
  all(queries, (query) => !query.named && isFullText(query))

const all = (queries: readonly QueryFigures[], which: (query: QueryFigures) => boolean): JudgedQuery[] =>
  queries.flatMap((query, i) => (which(query) ? [judged(query, `queries.${i}`)] : []))

function isFullText({ request }: QueryFigures): boolean {
  return ('find' in request ? request.find : request.summarize).text !== undefined
}

function judged(query: QueryFigures, path: string): JudgedQuery {
  const timings: Timing[] = []
  const cannot: JudgedQuery['cannot'] = []
  for (const [i, answer] of query.answers.entries()) {
    const here = `${path}.answers.${i}`
    if ('cannot' in answer) cannot.push({ by: answer.by, why: answer.cannot, path: `${here}.cannot` })
    else timings.push(timing(answer.by, answer.latency, `${here}.latency`, answer.equal))
  }
  return { name: query.name, path, timings, cannot, indexed: indexed(query, path) }
}

function indexed({ index }: QueryFigures, path: string): JudgedQuery['indexed'] {
  if (!index || !enoughLatencies({ values: valuesOf(index.latency) })) return undefined
  const figures = timing('definition', index.latency, `${path}.index.latency`, true)
  return { ...figures, statement: index.statement, statementPath: `${path}.index.statement` }
}

function timing(by: Answerer, series: Series, path: string, equal: boolean): Timing {
  const values = valuesOf(series)
  return { by, series, path, values, p95: quantile(values, 0.95), equal }
}

export const timingOf = (query: JudgedQuery, by: Answerer): Timing | undefined =>
  query.timings.find((one) => one.by === by)

export function enoughLatencies({ values }: Pick<Timing, 'values'>): boolean {
  const spent = values.reduce((sum, one) => sum + one, 0)
  return values.length >= thresholds.fewestLatencies || spent >= thresholds.enoughMs
}

/** Whether an answer is fast in itself, or next to the fastest target. */
export function isFast(one: Timing, fastest: Timing | undefined): boolean {
  if (one.p95 <= thresholds.fastMs) return true
  if (!fastest) return false
  return one.p95 <= thresholds.fastFactor * fastest.p95 || aboutTheSame(one.values, fastest.values)
}

/** The fastest of these answerers at a query, by the 95th percentile. */
export function fastestOf(query: JudgedQuery, among: readonly Answerer[]): Timing | undefined {
  const timings = query.timings.filter((one) => among.includes(one.by) && one.equal && enoughLatencies(one))
  return least(timings, (one) => one.p95)
}

export function least<T>(all: readonly T[], by: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>((best, one) => (best === undefined || by(one) < by(best) ? one : best), undefined)
}

/** The slowest query of an answerer, by the 95th percentile. */
export function slowestOf(
  queries: readonly JudgedQuery[],
  by: Answerer,
): { query: JudgedQuery; timing: Timing } | undefined {
  const all = queries.flatMap((query) => {
    const timing = timingOf(query, by)
    return timing && enoughLatencies(timing) ? [{ query, timing }] : []
  })
  return least(all, (one) => -one.timing.p95)
}
