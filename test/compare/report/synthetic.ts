// Comparisons that nobody measured: random samples of known spreads, to see that advice and report hold on to figures.
import type { Amount, Answerer, Comparison, Series, TargetFigures } from '../../../packages/compare/src/comparison.ts'
import { recommend } from '../../../packages/compare/src/recommend.ts'
import type { ReadableTarget } from '../../../src/toolkit.ts'
import { around, randomOf, series } from './random.ts'
import { syntheticQueries } from './synthetic-queries.ts'

type Measured = Omit<Comparison, 'recommendation'>

export interface Wishes {
  seed?: number
  rows?: number
  targets?: readonly ReadableTarget[]
  /** Median milliseconds of a query by answerer. */
  latency?: Partial<Record<Answerer, number>>
  transactions?: number
  /** What is changed after all is made. */
  change?: (measured: Measured) => void
}

const seconds = 60

/** A whole document; the advice is that of the library. */
export function syntheticComparison(wishes: Wishes = {}): Comparison {
  const measured = syntheticMeasured(wishes)
  return { ...measured, recommendation: recommend(measured) }
}

export function syntheticMeasured(wishes: Wishes = {}): Measured {
  const random = randomOf(wishes.seed ?? 1)
  const { rows = 120_000, targets = ['table', 'view', 'search'] as const, transactions = 600 } = wishes
  const latency = { table: 0.9, view: 0.8, search: 4.2, definition: 640, ...wishes.latency }
  const measured: Measured = {
    readModel: 'order_summary',
    setting: {
      startedAt: '2026-03-02T09:30:00.000Z',
      seconds,
      postgres: '18.4',
      openSearch: targets.includes('search') ? '3.8.0' : undefined,
      node: '20.19.0',
      cpus: 4,
      rows,
      sourceBytes: rows * 640,
      lagResolution: 2.1,
    },
    load: syntheticLoad(random, transactions),
    targets: targets.map((kind) => targetOf(kind, rows, transactions, random)),
    queries: syntheticQueries(random, targets, latency),
    remarks: [],
  }
  wishes.change?.(measured)
  return measured
}

function syntheticLoad(random: () => number, count: number): Comparison['load'] {
  const transactions = Array.from({ length: count }, (_, i) => {
    const append = around(random, 0.34, 0.35)
    return { at: (i * seconds) / count, total: append + around(random, 3.4, 0.3), append, events: 1 + (i % 3) }
  })
  const events = transactions.reduce((sum, one) => sum + one.events, 0)
  return { kind: 'rate', rate: 10, reached: count / seconds, transactions, events }
}

const lags: Record<ReadableTarget, (random: () => number, at: number) => number> = {
  table: (random) => around(random, 11, 0.4),
  view: (random, at) => (15 - (at % 15)) * 1_000 + around(random, 900, 0.1),
  search: (random) => around(random, 130, 0.3),
}

function targetOf(kind: ReadableTarget, rows: number, transactions: number, random: () => number): TargetFigures {
  const events = transactions * 2
  const cpu = { table: 0.31, view: 3.1, search: 0.74 }[kind] * events
  return {
    target: `order_summary@${kind}`,
    materializer: kind,
    temporary: kind === 'view',
    lag: series(
      Array.from({ length: transactions }, (_, i) => (i * seconds) / transactions),
      (at) => lags[kind](random, at),
    ),
    neverSeen: 0,
    work: {
      workerCpu: { value: kind === 'view' ? 12 : cpu * 0.6, unit: 'ms' },
      engineCpu:
        kind === 'search'
          ? { notMeasured: 'OpenSearch runs on another host, whose processes cannot be read.' }
          : { value: cpu, unit: 'ms', note: 'Holds what the queries of others took meanwhile.' },
      wal: kind === 'search' ? { notMeasured: 'OpenSearch writes no WAL.' } : { value: events * 410, unit: 'bytes' },
      bytesWritten: { value: events * 1_220, unit: 'bytes' },
      events: { value: events, unit: 'events' },
    },
    refresh: refreshes(kind, random),
    rows: { value: rows, unit: 'rows' },
    storage: { value: rows * { table: 310, view: 290, search: 420 }[kind], unit: 'bytes' },
    rebuild: { value: rows * { table: 0.05, view: 0.02, search: 0.11 }[kind], unit: 'ms' },
    verified: { equal: true, rows, missing: 0, surplus: 0, different: 0 },
    needs: needs[kind],
  }
}

const needs: Record<ReadableTarget, string[]> = {
  table: ['An append in every transaction that changes an order.', 'Handlers for 7 events.', 'A worker.'],
  view: ['A schedule: every 15 s.', 'A unique index on the key.'],
  search: ['An OpenSearch cluster beside PostgreSQL.', 'Handlers for 7 events.', 'A worker.'],
}

function refreshes(kind: ReadableTarget, random: () => number): Series {
  if (kind === 'table') return { unit: 'ms', samples: [] }
  const every = kind === 'view' ? 15 : 0.5
  const times = Array.from({ length: seconds / every }, (_, i) => i * every)
  return series(times, () => around(random, kind === 'view' ? 900 : 14, 0.1))
}

/** Names that would be markup if they were not escaped. */
export const markupNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</script><!--',
  "it's {1} & `more`",
]

/** Gives those names to queries, needs, reasons and remarks. */
export function markupForNames({ queries, targets, remarks }: Measured): void {
  for (const [i, query] of queries.entries()) query.name = markupNames[i]!
  targets[0]!.needs = [markupNames[1]!]
  targets[1]!.rebuild = notMeasured(markupNames[2]!)
  remarks.push(markupNames[3]!)
}

export const notMeasured = (reason: string): Amount => ({ notMeasured: reason })
