import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../packages/compare/src/comparison.ts'
import {
  type Change,
  dearAppend,
  disagrees,
  noneAgrees,
  onlySearchAnswers,
  scale,
  slowRefresh,
  split,
  timed,
} from './report/changes.ts'
import { syntheticComparison, type Wishes } from './report/synthetic.ts'
import { textQuery } from './report/synthetic-queries.ts'

const textOf = ({ recommendation }: Comparison): string => recommendation.sentences.map((one) => one.text).join('\n')
const choiceOf = (wishes: Wishes): string => syntheticComparison(wishes).recommendation.choice

const fast = { latency: { definition: 3 } } satisfies Wishes
describe('no target', () => {
  it('is recommended where the definition is fast by itself', () => {
    const comparison = syntheticComparison(fast)
    expect(comparison.recommendation.choice).toBe('none')
    expect(textOf(comparison)).toMatch(
      /^No target is needed: the definition, as a plain view, answers “sums by status”, the slowest query that counts/,
    )
  })

  it('is recommended where no target is twice as fast, with the index that would help', () => {
    const comparison = syntheticComparison({ latency: { table: 50, view: 50, search: 60, definition: 70 } })
    expect(comparison.recommendation.choice).toBe('none')
    expect(textOf(comparison)).toContain('An index makes it faster still: `create index on orders')
  })

  it('is recommended where an index makes the definition fast, and the index is named', () => {
    const change: Change = ({ queries }) => {
      queries.splice(1)
      for (const sample of queries[0]!.index!.latency.samples) sample.value /= 20
    }
    const comparison = syntheticComparison({ change })
    expect(comparison.recommendation.choice).toBe('none')
    expect(textOf(comparison)).toContain('`create index on orders (customer_id, created_at desc)`')
  })

  it('is not recommended where the index leaves it slow', () => {
    expect(choiceOf({})).toBe('table')
  })

  it('is not recommended where the definition is so slow that it was asked once only', () => {
    const change: Change = ({ queries }) => {
      for (const { answers } of queries) {
        const { latency } = timed(answers.at(-1))
        latency.samples = [{ at: 60, value: 5_200 }]
      }
    }
    const comparison = syntheticComparison({ change })
    expect(comparison.recommendation.choice).toBe('table')
    expect(textOf(comparison)).toContain('takes 5.20 s from the definition')
  })

  it('is not recommended for a query that the definition cannot answer', () => {
    expect(choiceOf({ ...fast, change: onlySearchAnswers })).toBe('search')
  })
})

describe('full text', () => {
  const change: Change = (measured) => {
    for (const query of measured.queries) query.named = false
    measured.queries.push({ ...textQuery(6), named: false })
  }

  it('decides nothing where nobody named such a query, and who answers it is said', () => {
    const comparison = syntheticComparison({ change })
    expect(comparison.recommendation.choice).toBe('table')
    expect(textOf(comparison)).toContain('Full text is answered by order_summary@search only')
    expect(choiceOf({ ...fast, change })).toBe('none')
  })
})

describe('a target', () => {
  it('that disagrees with the definition is never recommended, and that is said', () => {
    const comparison = syntheticComparison({ change: disagrees })
    expect(comparison.recommendation.choice).not.toBe('table')
    expect(textOf(comparison)).toContain(
      'order_summary@table disagrees with the definition, so it is not recommended: of 120,000 rows 3 are missing',
    )
  })

  it('that answers a query with other rows is never recommended', () => {
    const change: Change = ({ queries }) => {
      timed(queries[1]!.answers[0]).equal = false
    }
    const comparison = syntheticComparison({ change })
    expect(comparison.recommendation.choice).not.toBe('table')
    expect(textOf(comparison)).toContain('its rows for “sums by status” are not those of the definition')
  })

  it('that did not keep up with the load is not recommended', () => {
    const change: Change = ({ targets }) => {
      targets[0]!.neverSeen = 100
    }
    expect(choiceOf({ change })).not.toBe('table')
  })

  it('is the search index where only it answers full text', () => {
    const comparison = syntheticComparison({ change: onlySearchAnswers })
    expect(comparison.recommendation.choice).toBe('search')
    expect(textOf(comparison)).toContain('order_summary@table cannot answer “orders that mention a word')
  })

  it('is recommended with few rows too where the definition is slow all the same', () => {
    expect(choiceOf({ rows: 400 })).toBe('table')
  })

  it('is the view where the append is dear to the writers', () => {
    const comparison = syntheticComparison({ change: dearAppend })
    expect(comparison.recommendation.choice).toBe('view')
    expect(textOf(comparison)).toContain(
      "the append takes 4.00 ms of a transaction's 9.00 ms (medians), which is a high price",
    )
  })

  it('is the table where the append is dear but the view refreshes most of the time too', () => {
    const change: Change = (measured) => [dearAppend, slowRefresh].forEach((one) => void one(measured))
    expect(choiceOf({ change })).toBe('table')
  })

  it('is the view where it is fresh within a second', () => {
    const change: Change = ({ targets }) => {
      for (const sample of targets[1]!.lag.samples) sample.value = 400
    }
    expect(choiceOf({ change })).toBe('view')
  })

  it('is one that is faster than the definition at its slowest query', () => {
    const change: Change = ({ queries }) => {
      // By the median it is about the same as the view, but it has a long tail.
      const { latency } = timed(queries[1]!.answers[0])
      for (const [i, sample] of latency.samples.entries()) if (i % 3 === 0) sample.value *= 3_000
    }
    const comparison = syntheticComparison({ targets: ['table', 'view'], change })
    expect(comparison.recommendation.choice).toBe('view')
    expect(textOf(comparison)).toContain('order_summary@table is no faster than the definition at “sums by status”')
  })

  it('is not the view for a high price of the append that only a replay has', () => {
    const change: Change = (measured) => {
      dearAppend(measured)
      measured.load.kind = 'replay'
    }
    expect(choiceOf({ change })).toBe('table')
  })

  it('is the view where its refreshes take half of the load only together with those that came after it', () => {
    const change: Change = (measured) => {
      dearAppend(measured)
      const { setting, targets } = measured
      targets[1]!.refresh.samples = [1, 2, 3, 4].map((i) => ({ at: i * setting.seconds, value: 300 * setting.seconds }))
    }
    expect(choiceOf({ change })).toBe('view')
  })

  it('is one whose slowest query is among the least slow where none is fast at every query', () => {
    const change: Change = ({ queries }) => {
      scale(timed(queries[0]!.answers[2]), 100)
      scale(timed(queries[1]!.answers[0]), 100)
      scale(timed(queries[1]!.answers[1]), 300)
    }
    const comparison = syntheticComparison({ change })
    expect(comparison.recommendation.choice).toBe('table')
    expect(textOf(comparison)).toContain('No target is fast at every query')
  })

  it('is not called faster than another whose median lies within the spread', () => {
    expect(textOf(syntheticComparison({ targets: ['table', 'view'] }))).toContain(
      'In reading, order_summary@view and order_summary@table are about the same',
    )
  })
})

describe('no recommendation', () => {
  it.each<[string, Wishes, string]>([
    ['few rows', { rows: 400, latency: { definition: 30 } }, 'The definition has 400 rows'],
    ['few transactions', { transactions: 12 }, 'only 12 transactions were written'],
    ['no timings', { change: ({ queries }) => void queries.splice(0) }, 'No query was timed often enough'],
    ['no sound target', { change: noneAgrees }, 'no target gave its rows and kept up'],
    ['queries split between targets', { change: split }, 'no single target can be recommended for every query'],
  ])('is given with %s, and the reason is said', (_, wishes, reason) => {
    const comparison = syntheticComparison(wishes)
    expect(comparison.recommendation.choice).toBe('undecided')
    expect(textOf(comparison)).toContain(reason)
  })

  it('rests on a query that nobody answered', () => {
    const change: Change = ({ queries }) => {
      queries.push({ ...textQuery(3), answers: textQuery(3).answers.filter((one) => one.by !== 'search') })
    }
    const comparison = syntheticComparison({ targets: ['table', 'view'], change })
    expect(comparison.recommendation.choice).toBe('table')
    expect(textOf(comparison)).toContain('Nobody answered “orders that mention a word')
  })
})
