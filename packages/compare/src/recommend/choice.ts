import type { ReadableTarget } from 'trifold/internal/toolkit'
import { quantile, valuesOf } from '../series.ts'
import type { Candidate } from './candidate.ts'
import { fastestOf, isFast, type JudgedQuery, type Measured, timingOf } from './judged-query.ts'
import { thresholds } from './thresholds.ts'

export interface Choice {
  chosen: Candidate
  /** The others that could be chosen too. */
  others: Candidate[]
  /** False if no target is fast at every query. */
  fast: boolean
  /** The append costs the writers too much; the view spends too much of the time in refreshes. */
  appendIsDear: boolean
  refreshIsDear: boolean
}

/**
 * Among the targets that are fast at every query (if none is, those whose slowest query is among the least slow): the table before the search index, which is a second engine; the view
 * before both if it is about as fresh, or if only their price is high.
 */
export function chooseTarget(
  measured: Measured,
  queries: readonly JudgedQuery[],
  able: readonly Candidate[],
): Choice | undefined {
  const fast = able.filter((one) => isFastEverywhere(one, queries, able))
  const appendIsDear = dearAppend(measured)
  const view = able.find((one) => one.figures.materializer === 'view')
  const refreshIsDear = view !== undefined && dearRefresh(measured, view)
  const chosen = simplest(fast.length > 0 ? fast : leastSlow(able, queries), appendIsDear, refreshIsDear)
  if (!chosen) return undefined
  return { chosen, others: able.filter((one) => one !== chosen), fast: fast.length > 0, appendIsDear, refreshIsDear }
}

/** Those whose slowest query takes at most so many times what the least slow one's takes. */
function leastSlow(able: readonly Candidate[], queries: readonly JudgedQuery[]): Candidate[] {
  const slowest = able.map((one) => slowestP95(one.figures.materializer, queries))
  return able.filter((_, i) => slowest[i]! <= thresholds.fastFactor * Math.min(...slowest))
}

function simplest(among: readonly Candidate[], appendIsDear: boolean, refreshIsDear: boolean): Candidate | undefined {
  const by = (name: ReadableTarget) => among.find((one) => one.figures.materializer === name)
  const view = by('view')
  const fed = by('table') ?? by('search')
  if (!view || !fed) return view ?? fed
  if (appendIsDear !== refreshIsDear) return appendIsDear ? view : fed
  return lagP99(view) <= Math.max(thresholds.freshMs, thresholds.fastFactor * lagP99(fed)) ? view : fed
}

function isFastEverywhere(one: Candidate, queries: readonly JudgedQuery[], able: readonly Candidate[]): boolean {
  const among = able.map((other) => other.figures.materializer)
  return queries.every((query) => isFast(timingOf(query, one.figures.materializer)!, fastestOf(query, among)))
}

const slowestP95 = (by: ReadableTarget, queries: readonly JudgedQuery[]): number =>
  Math.max(...queries.map((query) => timingOf(query, by)!.p95))

export const lagP99 = ({ figures }: Candidate): number => quantile(valuesOf(figures.lag), 0.99)

/** The transactions of a replay are hardly more than appends: they do not tell. */
function dearAppend({ load }: Measured): boolean {
  if (load.kind === 'replay') return false
  const append = quantile(
    load.transactions.map((one) => one.append),
    0.5,
  )
  const total = quantile(
    load.transactions.map((one) => one.total),
    0.5,
  )
  return append > thresholds.appendMs && append > thresholds.appendShare * total
}

/** Refreshes take a great part of the time since the load began, in which they ran. */
function dearRefresh({ setting }: Measured, { figures }: Candidate): boolean {
  const { samples } = figures.refresh
  const seconds = Math.max(setting.seconds, ...samples.map(({ at }) => at))
  const spent = samples.reduce((sum, { at, value }) => sum + Math.min(value, at * 1_000), 0)
  return spent > thresholds.refreshShare * seconds * 1_000
}
