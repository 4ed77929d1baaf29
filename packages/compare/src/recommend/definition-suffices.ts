import type { Claim } from '../comparison.ts'
import { type Candidate, nameOf, quoted } from './candidate.ts'
import { at, claim, counted, said } from './claim.ts'
import {
  enoughLatencies,
  fastestOf,
  isFast,
  type JudgedQuery,
  least,
  type Measured,
  type Timing,
  timingOf,
} from './judged-query.ts'
import { thresholds } from './thresholds.ts'

interface Reading {
  query: JudgedQuery
  plain: Timing
  /** The plain definition, or the indexed one if only that is fast. */
  used: Timing
  fastest: Timing | undefined
}

/** Why the definition itself is enough; undefined if it is not fast at every query, with or without an index. */
export function definitionSuffices(
  measured: Measured,
  queries: readonly JudgedQuery[],
  fit: readonly Candidate[],
): Claim[] | undefined {
  const readings = queries.map((query) => reading(query, fit))
  if (!readings.every((one) => one !== undefined)) return undefined
  const slowest = least(readings, (one) => -one.used.p95)!
  return [
    verdict(readings, slowest, fit),
    ...readings.flatMap(indexClaim),
    claim`That holds at the ${counted(measured.setting.rows, 'setting.rows')} rows that were measured; a comparison at several sizes shows how long it will.`,
  ]
}

function reading(query: JudgedQuery, fit: readonly Candidate[]): Reading | undefined {
  const plain = timingOf(query, 'definition')
  if (!plain || !enoughLatencies(plain)) return undefined
  const fastest = fastestOf(
    query,
    fit.map((one) => one.figures.materializer),
  )
  const { indexed } = query
  if (isFast(plain, fastest)) return { query, plain, used: plain, fastest }
  if (indexed && isFast(indexed, fastest)) return { query, plain, used: indexed, fastest }
  return undefined
}

function verdict(readings: readonly Reading[], slowest: Reading, fit: readonly Candidate[]): Claim {
  const withIndex = readings.some((one) => one.used !== one.plain)
  const opening = withIndex
    ? 'An index is enough; no target is needed: with it the definition, as a plain view,'
    : 'No target is needed: the definition, as a plain view,'
  const { query, used, fastest } = slowest
  const time = at(0.95, used.series, used.path)
  if (used.p95 <= thresholds.fastMs) {
    return claim`${opening} answers ${quoted(query)}, the slowest query that counts, within ${time} at the 95th percentile (limit ${String(thresholds.fastMs)} ms).`
  }
  const name = nameOf(fit.find((one) => one.figures.materializer === fastest!.by)!)
  return claim`${opening} answers ${quoted(query)}, the slowest query that counts, within ${time} at the 95th percentile; the fastest target, ${name}, takes ${at(0.95, fastest!.series, fastest!.path)}, which is not twice as fast or differs by less than the spread.`
}

/** An index that makes the definition fast, or faster than it needs to be. */
function indexClaim({ query, plain, used }: Reading): Claim[] {
  const { indexed } = query
  if (!indexed) return []
  const opening = used === plain ? 'An index makes it faster still' : 'The index'
  return [
    claim`${opening}: ${said(`\`${indexed.statement}\``, indexed.statementPath)} brings ${quoted(query)} from ${at(0.95, plain.series, plain.path)} to ${at(0.95, indexed.series, indexed.path)} at the 95th percentile.`,
  ]
}
