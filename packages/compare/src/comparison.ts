import type { Find, Summarize } from 'trifold/internal/query'
import type { ReadableTarget } from 'trifold/internal/toolkit'

/** What a comparison measured. Every figure in it is a raw sample, is computed from raw samples in it, or says why there is none. */
export interface Comparison {
  readModel: string
  /** Where and when: figures of different machines do not compare. */
  setting: Setting
  load: Load
  /** One per target of the read model, in the order table, view, search. */
  targets: TargetFigures[]
  queries: QueryFigures[]
  /** What a reader of the figures has to know beside them, in sentences: a target that was left out, and why. */
  remarks: string[]
  recommendation: Recommendation
}

/** When, where and under which load a comparison was made. */
export interface Setting {
  /** ISO 8601. */
  startedAt: string
  seconds: number
  postgres: string
  openSearch: string | undefined
  node: string
  cpus: number
  /** Rows of the definition when the comparison began, and bytes of the tables that it reads. */
  rows: number
  sourceBytes: number
  /** Middle time between two looks at a target, in milliseconds: lags are known no better than this. */
  lagResolution: number
}

/** What was written while the targets were watched. */
export interface Load {
  kind: 'rate' | 'replay'
  /** Transactions a second: asked for, and reached. */
  rate: number
  reached: number
  transactions: TransactionSample[]
  events: number
}

/** One write transaction. */
export interface TransactionSample {
  /** Seconds since the load began, at its commit. */
  at: number
  /** Milliseconds from begin to commit. */
  total: number
  /** Milliseconds of it that the append took. */
  append: number
  events: number
}

/** One thing measured more than once. */
export interface Series {
  unit: 'ms'
  samples: Sample[]
}

/** One measurement of a series. */
export interface Sample {
  /** Seconds since the load began. */
  at: number
  value: number
}

/** One amount, or the reason why there is none. */
export type Amount =
  | {
      value: number
      unit: 'ms' | 'bytes' | 'rows' | 'events'
      /** What it does not hold, or holds of others. */
      note?: string | undefined
      /** The raw readings that it is the sum of. */
      parts?: { name: string; value: number }[] | undefined
    }
  | { notMeasured: string }

/** What was measured of one target. */
export interface TargetFigures {
  /** `order_summary@table` */
  target: string
  materializer: ReadableTarget
  /** Created for this comparison, and removed at its end. */
  temporary: boolean
  /** From commit to visible to readers, one sample a transaction that was watched. */
  lag: Series
  /** Transactions that were not visible when the watch ended: they are in no percentile. */
  neverSeen: number
  /** While the load ran, until its last transaction was visible. */
  work: {
    workerCpu: Amount
    engineCpu: Amount
    wal: Amount
    bytesWritten: Amount
    /** Events applied (table, search), or appended meanwhile (view); what the four above are divided by. */
    events: Amount
  }
  /** Runs of the definition (view) or index refreshes (search) that ended in the time of {@link work}, each at its end. */
  refresh: Series
  rows: Amount
  storage: Amount
  rebuild: Amount
  /** Whether it equals the definition row by row once the load has ended. */
  verified: { equal: boolean; rows: number; missing: number; surplus: number; different: number }
  /** What it takes to run it, in sentences. */
  needs: string[]
}

/** Who answered a query: a target, or the definition itself as a plain view. */
export type Answerer = ReadableTarget | 'definition'

/** A query in the form in which targets are asked: for rows, or for counts and sums. */
export type QueryRequest = { find: Find } | { summarize: Summarize }

/** What was measured of one query, by each target and by the definition. */
export interface QueryFigures {
  name: string
  request: QueryRequest
  /** Whether the user named it; the others are derived from key and indexes. */
  named: boolean
  answers: Answer[]
  /** How the definition answers it in PostgreSQL. */
  plan: { indexes: string[]; scans: string[] }
  /** An index on a table of the write model that makes the definition faster; measured, then taken back. */
  index: { statement: string; latency: Series } | undefined
}

/** How one of them answered, or why it did not. */
export type Answer =
  | {
      by: Answerer
      latency: Series
      rows: number
      /** Whether the rows are those of the definition, in the canonical encoding. */
      equal: boolean
    }
  | { by: Answerer; cannot: string }

/** Advice whose every sentence rests on figures of the comparison. */
export interface Recommendation {
  /** `none`: the definition, as a plain view, is enough. `undecided`: there was not enough to judge by. */
  choice: ReadableTarget | 'none' | 'undecided'
  sentences: Claim[]
}

/** One sentence of the recommendation. */
export interface Claim {
  text: string
  /** Paths of the figures in this document that the sentence rests on: `targets.0.lag`, `queries.2.answers.1.latency`. */
  figures: string[]
}

/** The same comparison at several sizes of generated data. */
export interface GrowthComparison {
  readModel: string
  sizes: { size: number; comparison: Comparison }[]
  growth: Growth[]
  crossings: Crossing[]
}

/** How one cost of one target grows. */
export interface Growth {
  cost: string
  unit: 'ms' | 'bytes'
  by: Answerer
  /** Size (rows of the definition) and cost; each comes from the comparison of that size. */
  points: { size: number; cost: number }[]
  /** cost = factor * size ^ exponent, by least squares of the logarithms; undefined with fewer than three points. */
  fit: { factor: number; exponent: number; rSquared: number } | undefined
}

/** Where one becomes cheaper than another, inside the measured sizes or beyond them. */
export interface Crossing {
  cost: string
  cheaperBelow: Answerer
  cheaperAbove: Answerer
  size: number
  /** `false`: beyond the largest or below the smallest size that was measured. */
  measured: boolean
}
