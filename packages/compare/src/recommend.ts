// What to run for a read model, judged from what was measured. Its thresholds are in recommend/thresholds.ts.
import type { Claim, Recommendation } from './comparison.ts'
import { type Candidate, candidates } from './recommend/candidate.ts'
import { chooseTarget } from './recommend/choice.ts'
import { definitionSuffices } from './recommend/definition-suffices.ts'
import { answerable, fullText, tooFewTransactions, tooLittleRead, unasked } from './recommend/evidence.ts'
import { judgedQueries, type Measured } from './recommend/judged-query.ts'
import { freshness, notMeasured } from './recommend/prices.ts'
import { adviceFor } from './recommend/target-advice.ts'

/**
 * Advice on a comparison: the definition itself as a plain view (`none`) if that, or an index, is fast enough; else
 * the target that answers every query, equals the definition and is fast; of several the fresher one wins unless its
 * price for the writers is high. Every sentence cites the figures it rests on. `undecided` says what was missing.
 */
export function recommend(measured: Measured): Recommendation {
  const queries = judgedQueries(measured).filter(answerable)
  const all = candidates(measured, queries)
  const remarks = [
    ...fullText(measured),
    ...unasked(measured),
    ...all.flatMap((one) => one.unfit),
    ...notMeasured(measured),
  ]
  const { choice, sentences } = verdict(measured, queries, all)
  return { choice, sentences: [...sentences, ...remarks] }
}

function verdict(measured: Measured, queries: ReturnType<typeof judgedQueries>, all: Candidate[]): Recommendation {
  const tooLittle = tooLittleRead(measured, queries)
  if (tooLittle.length > 0) return undecided(tooLittle)
  const fit = all.filter((one) => one.unfit.length === 0)
  const enough = definitionSuffices(measured, queries, fit)
  if (enough) return { choice: 'none', sentences: [...enough, ...freshness(fit)] }
  const fewTransactions = tooFewTransactions(measured)
  if (fewTransactions.length > 0) return undecided(fewTransactions)
  const unable = fit.flatMap((one) => one.unable)
  const choice = chooseTarget(
    measured,
    queries,
    fit.filter((one) => one.unable.length === 0),
  )
  if (!choice) return undecided([...noTarget(measured, fit), ...unable])
  return { choice: choice.chosen.figures.materializer, sentences: [...adviceFor(measured, queries, choice), ...unable] }
}

function noTarget(measured: Measured, fit: readonly Candidate[]): Claim[] {
  const figures = measured.targets.map((_, i) => `targets.${i}.target`)
  if (fit.length === 0) {
    return [{ text: 'The definition is not fast enough, and no target gave its rows and kept up.', figures }]
  }
  return [
    {
      text: 'The definition is not fast enough, and no single target can be recommended for every query.',
      figures,
    },
  ]
}

const undecided = (sentences: Claim[]): Recommendation => ({ choice: 'undecided', sentences })
