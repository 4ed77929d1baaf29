import type { Row, Value } from '../encoding.ts'
import type { CommitToken } from '../outbox.ts'
import type { Span } from '../read-model.ts'

/** Bounds of one column; several of them must all hold. `null` in `eq` and `ne` asks for missing values. */
export interface Bounds<V = Value> {
  eq?: V | null
  ne?: V | null
  gt?: V
  gte?: V
  lt?: V
  lte?: V
  in?: V[]
}

/** Conditions by column, all of which must hold: a value means equality. */
export type Where<R = Row> = { [C in keyof R]?: R[C] | Bounds<NonNullable<R[C]>> | null }

/** What every request to a target may say. */
export interface Read<R = Row> {
  where?: Where<R>
  /** Full text, on the columns that the search target declares: only targets with the feature `fullText`. */
  text?: string
  /** Asks to see this commit: the read waits until the target shows it. */
  after?: CommitToken
  /** Longest wait for `after`; default 5s. */
  timeout?: Span
}

export interface Find<R = Row> extends Read<R> {
  /** Columns, `-created_at` for a descending one; the key is added to make the order total. Default: the key, or relevance where `text` is given. */
  sort?: string | string[]
  /** Rows of one page, 1 to 10,000; default 100. */
  limit?: number
  /** Where the page before ended: its `cursor`. */
  cursor?: string
}

export interface Found<R = Row> {
  rows: R[]
  /** Pass it as `cursor` for the next page; undefined on the last one. */
  cursor: string | undefined
  /** The target that answered. */
  target: string
}

/** `count` of the rows, with `sum` of one column, in groups of equal values of one column where `group` is given. */
export interface Summarize<R = Row> extends Read<R> {
  sum?: keyof R & string
  group?: keyof R & string
  /** Most groups returned, largest count first; default 100. */
  limit?: number
}

export interface Summary {
  groups: { group: Value; count: number; sum: Value }[]
  /** True where the groups of a distributed engine are not exact or some were cut by `limit`. */
  approximate: boolean
  target: string
}
