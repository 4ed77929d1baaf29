import type { Claim } from '../comparison.ts'
import { aboutTheSame, quantile } from '../series.ts'
import { bare, type Candidate, nameOf, quoted } from './candidate.ts'
import type { Choice } from './choice.ts'
import { at, claim, said } from './claim.ts'
import { type JudgedQuery, least, type Measured, slowestOf, timingOf } from './judged-query.ts'
import { appendPrice, freshness, refreshPrice, standingPrice, workPrice } from './prices.ts'

/** The sentences for a chosen target: why, what it costs, and what the others would give. */
export function adviceFor(measured: Measured, queries: readonly JudgedQuery[], choice: Choice): Claim[] {
  const { chosen, others } = choice
  const view = [chosen, ...others].find((one) => one.figures.materializer === 'view')
  const fed = [chosen, ...others].some((one) => one.figures.materializer !== 'view')
  return [
    headline(queries, choice),
    ...indexIsNotEnough(queries),
    ...freshness([chosen, ...others]),
    ...(fed ? [appendPrice(measured, choice.appendIsDear)] : []),
    ...workPrice(chosen),
    ...(view ? refreshPrice(view, choice.refreshIsDear) : []),
    ...standingPrice(measured, chosen),
    ...others.flatMap((other) => reading(queries, chosen, other)),
    ...otherwise(choice),
  ]
}

function headline(queries: readonly JudgedQuery[], { chosen, fast }: Choice): Claim {
  const name = nameOf(chosen)
  const caveat = fast ? '' : ' No target is fast at every query; the slowest query of this one is among the least slow.'
  const refused = queries.flatMap((query) =>
    query.cannot.filter((one) => one.by === 'definition').map((one) => ({ query, one })),
  )[0]
  const slowest = slowestOf(queries, 'definition')
  if (refused) {
    return claim`Use ${name}: it answers ${quoted(refused.query)}, which the definition cannot (${said(bare(refused.one.why), refused.one.path)}).${caveat}`
  }
  if (!slowest) return claim`Use ${name}: the definition was not timed often enough to be judged.${caveat}`
  const { query, timing } = slowest
  const own = timingOf(query, chosen.figures.materializer)!
  return claim`Use ${name}: ${quoted(query)} takes ${at(0.95, timing.series, timing.path)} from the definition and ${at(0.95, own.series, own.path)} from ${chosen.figures.target} at the 95th percentile.${caveat}`
}

function indexIsNotEnough(queries: readonly JudgedQuery[]): Claim[] {
  return queries.flatMap((query) => {
    const { indexed } = query
    if (!indexed) return []
    return [
      claim`With ${said(`\`${indexed.statement}\``, indexed.statementPath)} the definition takes ${at(0.95, indexed.series, indexed.path)} for ${quoted(query)} at the 95th percentile.`,
    ]
  })
}

/** The query at which the two lie furthest apart. */
function reading(queries: readonly JudgedQuery[], chosen: Candidate, other: Candidate): Claim[] {
  const pairs = queries.map((query) => ({
    query,
    own: timingOf(query, chosen.figures.materializer)!,
    theirs: timingOf(query, other.figures.materializer)!,
  }))
  const apart = pairs.filter(({ own, theirs }) => !aboutTheSame(own.values, theirs.values))
  const furthest = least(
    apart.length > 0 ? apart : pairs,
    ({ own, theirs }) => -Math.abs(Math.log(quantile(theirs.values, 0.5) / quantile(own.values, 0.5))),
  )
  if (!furthest) return []
  const { query, own, theirs } = furthest
  if (apart.length === 0) {
    return [
      claim`In reading, ${nameOf(other)} and ${chosen.figures.target} are about the same: ${quoted(query)}, where they lie furthest apart, takes ${at(0.5, theirs.series, theirs.path)} and ${at(0.5, own.series, own.path)} at the median, which differ by less than the samples spread.`,
    ]
  }
  return [
    claim`In reading, ${nameOf(other)} and ${chosen.figures.target} lie furthest apart at ${quoted(query)}, which takes ${at(0.5, theirs.series, theirs.path)} and ${at(0.5, own.series, own.path)} at the median.`,
  ]
}

/** What would turn the choice: how fresh the readers need the rows is not in the figures. */
function otherwise({ chosen, others }: Choice): Claim[] {
  const chosenIsView = chosen.figures.materializer === 'view'
  const other = others.find((one) => (one.figures.materializer === 'view') !== chosenIsView)
  if (!other) return []
  const lag = at(0.99, other.figures.lag, `${other.path}.lag`)
  if (chosenIsView)
    return [claim`If readers need fresher rows, ${nameOf(other)} shows a commit within ${lag} at the 99th percentile.`]
  return [claim`If readers accept rows that are ${lag} old, ${nameOf(other)} will do, without outbox and handlers.`]
}
