import type { Claim } from '../comparison.ts'
import { nameOf, quoted } from './candidate.ts'
import { at, claim, counted } from './claim.ts'
import {
  derivedFullText,
  enoughLatencies,
  type JudgedQuery,
  judgedQueries,
  least,
  type Measured,
  timingOf,
} from './judged-query.ts'
import { thresholds } from './thresholds.ts'

/** Whether an answerer answered it often enough to be judged. */
export const answerable = (query: JudgedQuery): boolean => query.timings.some(enoughLatencies)

/** Queries that nobody answered: they tell nothing apart, and are said. */
export function unasked(measured: Measured): Claim[] {
  return judgedQueries(measured)
    .filter((query) => !answerable(query))
    .map((query) => claim`Nobody answered ${quoted(query)} often enough to judge it, so it counts for nothing here.`)
}

/** Who answers full text, which decides nothing unless such a query is named. */
export function fullText(measured: Measured): Claim[] {
  return derivedFullText(measured).flatMap((query) => {
    const [answer] = query.timings.filter(enoughLatencies)
    const i = measured.targets.findIndex((one) => one.materializer === answer?.by)
    if (!answer || i < 0) return []
    const name = nameOf({ figures: measured.targets[i]!, path: `targets.${i}` })
    return [
      claim`Full text is answered by ${name} only: ${quoted(query)} takes ${at(0.95, answer.series, answer.path)} at the 95th percentile. If readers need it, name such a query, and it counts.`,
    ]
  })
}

/** Why the reading cannot be judged. */
export function tooLittleRead({ setting }: Measured, queries: readonly JudgedQuery[]): Claim[] {
  const rows = counted(setting.rows, 'setting.rows')
  if (queries.length === 0) return [claim`No query was timed often enough on the ${rows} rows to judge by.`]
  const readings = queries.map((query) => ({ query, timing: timingOf(query, 'definition') }))
  const slowest = least(readings, ({ timing }) => -(timing?.p95 ?? Number.POSITIVE_INFINITY))!
  if (setting.rows >= thresholds.fewestRows || !slowest.timing || slowest.timing.p95 > thresholds.slowMs) return []
  const { query, timing } = slowest
  return [
    claim`The definition has ${rows} rows and answers ${quoted(query)}, the slowest query that counts, within ${at(0.95, timing!.series, timing!.path)} at the 95th percentile: so few rows do not tell what more of them will need (limit ${thresholds.fewestRows.toLocaleString('en')}).`,
  ]
}

/** Why freshness and the cost of writing cannot be judged. */
export function tooFewTransactions({ load }: Measured): Claim[] {
  const count = load.transactions.length
  if (count >= thresholds.fewestTransactions) return []
  return [
    claim`The definition is not fast enough by itself, but only ${counted(count, 'load.transactions')} transactions were written, too few to judge freshness and the cost of writing (limit ${String(thresholds.fewestTransactions)}).`,
  ]
}
