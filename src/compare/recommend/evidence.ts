import type { Claim } from '../comparison.ts'
import { nameOf, quoted } from './candidate.ts'
import { at, claim, counted } from './claim.ts'
import { derivedFullText, enoughLatencies, type JudgedQuery, judgedQueries, type Measured } from './judged-query.ts'
import { thresholds } from './thresholds.ts'

/** Whether somebody answered it often enough to be judged. */
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
      claim`Full text is answered by ${name} only: ${quoted(query)} takes ${at(0.95, answer.series, answer.path)} at the 95th percentile. Where readers need it, name such a query, and it counts.`,
    ]
  })
}

/** Why the reading cannot be judged. */
export function tooFewRows({ setting }: Measured, queries: readonly JudgedQuery[]): Claim[] {
  const limit = thresholds.fewestRows
  if (setting.rows < limit) {
    return [
      claim`The definition has ${counted(setting.rows, 'setting.rows')} rows: with so few everything is fast, and the figures do not tell the strategies apart (limit ${limit.toLocaleString('en')}).`,
    ]
  }
  if (queries.length > 0) return []
  return [claim`No query was timed often enough on the ${counted(setting.rows, 'setting.rows')} rows to judge by.`]
}

/** Why freshness and the cost of writing cannot be judged. */
export function tooFewTransactions({ load }: Measured): Claim[] {
  const count = load.transactions.length
  if (count >= thresholds.fewestTransactions) return []
  return [
    claim`The definition is not fast enough by itself, but only ${counted(count, 'load.transactions')} transactions were written, too few to judge freshness and the cost of writing (limit ${String(thresholds.fewestTransactions)}).`,
  ]
}
