// What can be wrong with a comparison, or turn its advice: each is done to a synthetic one.
import type { Answer, Series } from '../../../packages/compare/src/comparison.ts'
import type { Wishes } from './synthetic.ts'
import { textQuery } from './synthetic-queries.ts'

export type Change = NonNullable<Wishes['change']>
type Measured = Parameters<Change>[0]
export type Timed = Extract<Answer, { latency: Series }>

export const timed = (answer: Answer | undefined): Timed => answer as Timed

export const disagrees: Change = ({ targets }) => {
  targets[0]!.verified = { equal: false, rows: 120_000, missing: 3, surplus: 0, different: 14 }
}
export const slowRefresh: Change = ({ targets }) => {
  targets[1]!.refresh.samples = [15, 30, 45, 60].map((at) => ({ at, value: 9_000 }))
}
export const dearAppend: Change = ({ load }) => {
  for (const one of load.transactions) Object.assign(one, { append: 4, total: 9 })
}

export function scale(answer: Timed, factor: number): void {
  for (const sample of answer.latency.samples) sample.value *= factor
}

export function onlySearchAnswers({ queries }: Measured): void {
  queries.push(textQuery(6))
}

export function noSamples({ targets, queries }: Measured): void {
  for (const target of targets)
    Object.assign(target, { lag: { unit: 'ms', samples: [] }, refresh: { unit: 'ms', samples: [] } })
  for (const query of queries) {
    for (const answer of query.answers) timed(answer).latency.samples = timed(answer).latency.samples.slice(0, 12)
  }
}

export function noneAgrees({ targets }: Measured): void {
  for (const { verified } of targets) Object.assign(verified, { equal: false, missing: 1 })
}

export function split({ queries }: Measured): void {
  queries.push(textQuery(6))
  const here = queries[0]!.answers
  here[2] = { by: 'search', cannot: 'It has a column that the index lacks.' }
}
