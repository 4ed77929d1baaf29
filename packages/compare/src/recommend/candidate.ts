import type { Claim, TargetFigures } from '../comparison.ts'
import { at, type Cited, claim, counted, said } from './claim.ts'
import { enoughLatencies, type JudgedQuery, type Measured, slowestOf, timingOf } from './judged-query.ts'
import { thresholds } from './thresholds.ts'

/** A target, and why it cannot be recommended. */
export interface Candidate {
  figures: TargetFigures
  path: string
  /** It gives wrong rows, or gave up under the load. */
  unfit: Claim[]
  /** It was not measured well enough, or cannot answer a query. */
  unable: Claim[]
}

export function candidates(measured: Measured, queries: readonly JudgedQuery[]): Candidate[] {
  return measured.targets.map((figures, i) => {
    const path = `targets.${i}`
    return {
      figures,
      path,
      unfit: [...disagreement(figures, path), ...wrongAnswers(figures, queries), ...behind(figures, path)],
      unable: [...unanswered(figures, queries), ...unwatched(figures, path), ...noFaster(figures, queries)],
    }
  })
}

export const nameOf = ({ figures, path }: Pick<Candidate, 'figures' | 'path'>): Cited =>
  said(figures.target, `${path}.target`)

function disagreement(figures: TargetFigures, path: string): Claim[] {
  const { equal, rows, missing, surplus, different } = figures.verified
  if (equal) return []
  const count = (value: number, name: string) => counted(value, `${path}.verified.${name}`)
  return [
    claim`${nameOf({ figures, path })} disagrees with the definition, so it is not recommended: of ${count(rows, 'rows')} rows ${count(missing, 'missing')} are missing, ${count(surplus, 'surplus')} are surplus and ${count(different, 'different')} differ.`,
  ]
}

function wrongAnswers(figures: TargetFigures, queries: readonly JudgedQuery[]): Claim[] {
  return queries.flatMap((query) => {
    const timing = timingOf(query, figures.materializer)
    if (!timing || timing.equal) return []
    const differ = said('are not those of the definition', timing.path.replace(/latency$/, 'equal'))
    return [claim`${figures.target} is not recommended: its rows for ${quoted(query)} ${differ}.`]
  })
}

function behind(figures: TargetFigures, path: string): Claim[] {
  const watched = figures.lag.samples.length + figures.neverSeen
  if (figures.neverSeen <= watched * thresholds.unseenShare) return []
  return [
    claim`${figures.target} did not keep up with the load: ${counted(figures.neverSeen, `${path}.neverSeen`)} transactions were not visible when the watch ended, beside ${counted(figures.lag.samples.length, `${path}.lag`)} that were.`,
  ]
}

function unanswered(figures: TargetFigures, queries: readonly JudgedQuery[]): Claim[] {
  return queries.flatMap((query) => {
    const refusal = query.cannot.find((one) => one.by === figures.materializer)
    if (refusal) {
      return [claim`${figures.target} cannot answer ${quoted(query)}: ${said(bare(refusal.why), refusal.path)}.`]
    }
    const timing = timingOf(query, figures.materializer)
    if (!timing) return [claim`${figures.target} was not asked ${quoted(query)}.`]
    if (enoughLatencies(timing)) return []
    return [
      claim`${figures.target} answered ${quoted(query)} ${counted(timing.values.length, timing.path)} times, too few to judge it (limit ${String(thresholds.fewestLatencies)}).`,
    ]
  })
}

function unwatched(figures: TargetFigures, path: string): Claim[] {
  if (figures.lag.samples.length >= thresholds.fewestLags) return []
  return [
    claim`The lag of ${figures.target} is known of ${counted(figures.lag.samples.length, `${path}.lag`)} transactions, too few to judge it (limit ${String(thresholds.fewestLags)}).`,
  ]
}

/** A target that answers everything but is no faster than the definition at its slowest query does not help. */
function noFaster(figures: TargetFigures, queries: readonly JudgedQuery[]): Claim[] {
  if (queries.some(({ cannot }) => cannot.some(({ by }) => by === 'definition'))) return []
  const slowest = slowestOf(queries, 'definition')
  const own = slowest && timingOf(slowest.query, figures.materializer)
  if (!own || own.p95 < slowest.timing.p95) return []
  const { query, timing } = slowest
  return [
    claim`${figures.target} is no faster than the definition at ${quoted(query)}, its slowest query: ${at(0.95, own.series, own.path)} and ${at(0.95, timing.series, timing.path)} at the 95th percentile.`,
  ]
}

export const quoted = (query: JudgedQuery): Cited => said(`“${query.name}”`, `${query.path}.name`)

/** A sentence of the document inside one of ours. */
export const bare = (sentence: string): string => sentence.trim().replace(/\.$/, '')
