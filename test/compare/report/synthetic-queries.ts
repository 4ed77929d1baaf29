import type { Answer, Answerer, QueryFigures } from '../../../packages/compare/src/comparison.ts'
import type { ReadableTarget } from '../../../src/toolkit.ts'
import { around, randomOf, series } from './random.ts'

/** Queries are asked when the load has ended. */
const times = (count: number): number[] => Array.from({ length: count }, (_, i) => 60 + i * 0.1)

export function syntheticQueries(
  random: () => number,
  targets: readonly ReadableTarget[],
  latency: Record<Answerer, number>,
): QueryFigures[] {
  const answerers: Answerer[] = [...targets, 'definition']
  const timed = (factor: number): Answer[] =>
    answerers.map((by) => ({
      by,
      latency: series(times(60), () => around(random, latency[by] * factor, 0.25)),
      rows: 50,
      equal: true,
    }))
  return [
    {
      name: 'orders of a customer',
      request: { find: { where: { customer_id: 7 }, sort: '-created_at', limit: 50 } },
      named: true,
      answers: timed(1),
      plan: { indexes: ['orders_pkey'], scans: ['order_lines', 'orders'] },
      index: {
        statement: 'create index on orders (customer_id, created_at desc)',
        latency: series(times(40), () => around(random, latency.definition * 0.06, 0.2)),
      },
    },
    {
      name: 'sums by status',
      request: { summarize: { sum: 'total', group: 'status' } },
      named: true,
      answers: timed(1.4),
      plan: { indexes: [], scans: ['orders'] },
      index: undefined,
    },
    {
      name: 'by key',
      request: { find: { where: { order_id: 41 } } },
      named: false,
      answers: timed(0.2),
      plan: { indexes: ['orders_pkey', 'order_lines_order_id_idx'], scans: [] },
      index: undefined,
    },
  ]
}

/** A query that only search answers. */
export function textQuery(latency: number, seed = 3): QueryFigures {
  const random = randomOf(seed)
  const reason = 'Full text needs a search target.'
  return {
    name: 'orders that mention a word, newest first, with a name that is far longer than any column of any table is wide',
    request: { find: { text: 'blue kettle', limit: 20 } },
    named: true,
    answers: [
      { by: 'table', cannot: reason },
      { by: 'view', cannot: reason },
      { by: 'search', latency: series(times(60), () => around(random, latency, 0.2)), rows: 20, equal: true },
      { by: 'definition', cannot: reason },
    ],
    plan: { indexes: [], scans: [] },
    index: undefined,
  }
}
