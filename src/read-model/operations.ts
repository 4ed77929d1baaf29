import type { Row } from '../encoding.ts'

/**
 * What a handler returns: one change to one row of the read model (or to the rows that `recomputeWhere` finds).
 * `R` is the type of the read model's row, `K` that of its key.
 */
export type Operation<R = Row, K extends Key = Key> =
  | { readonly kind: 'set'; readonly row: R }
  | { readonly kind: 'patch'; readonly key: K; readonly columns: Partial<R> }
  | { readonly kind: 'remove'; readonly key: K }
  | { readonly kind: 'fold'; readonly key: K; readonly initial: R; readonly next: (row: R) => R | null }
  | { readonly kind: 'recompute'; readonly keys: readonly K[] }
  | { readonly kind: 'recomputeWhere'; readonly where: Partial<R> }

/** The values of the key columns, in the order in which the read model declares them. */
export type Key = readonly (string | number | bigint)[]

/** The key of rows `R` in the columns `Columns`: `[number, string]`. Any key if columns or rows are not known one by one. */
export type KeyOf<R, Columns extends readonly string[]> = number extends Columns['length']
  ? Key
  : string extends keyof R
    ? Key
    : { readonly [Place in keyof Columns]: KeyValue<Columns[Place] extends keyof R ? R[Columns[Place]] : never> }

/** Whole numbers beyond 2^53 come as `bigint`. */
type KeyValue<Value> = Value extends number ? number | bigint : Value extends string ? Value : never

// NoInfer: row and key type come from the place where the operation is returned, so that a column that the definition
// lacks, or a key of the wrong type, does not compile.

/** The whole row. Only for read models whose columns all belong to the event's aggregate. */
export const set = <R = Row, K extends Key = Key>(row: NoInfer<R>): Operation<R, K> => ({ kind: 'set', row })

/** Some columns of one row; they must belong to the event's aggregate. A row that is missing is recomputed. */
export const patch = <R = Row, K extends Key = Key>(
  key: NoInfer<K>,
  columns: NoInfer<Partial<R>>,
): Operation<R, K> => ({
  kind: 'patch',
  key,
  columns,
})

/** The row is gone. */
export const remove = <R = Row, K extends Key = Key>(key: NoInfer<K>): Operation<R, K> => ({ kind: 'remove', key })

/**
 * The row computed from the row before: for counters and sums. A missing row is `initial`; a `next` that returns null
 * removes the row. `next` must be pure.
 */
export const fold = <R = Row, K extends Key = Key, Next extends NoInfer<R> | null = NoInfer<R> | null>(
  key: NoInfer<K>,
  initial: NoInfer<R>,
  next: (row: NoInfer<R>) => Next & OnlyColumns<NoInfer<R>, Next>,
): Operation<R, K> => ({ kind: 'fold', key, initial, next })

/** Refuses columns that `R` lacks in what a function returns, if the compiler does not look for excess ones itself. */
type OnlyColumns<R, Next> = Next extends null ? unknown : { [C in Exclude<keyof Next, keyof R>]?: never }

/** The rows are read again from the definition. */
export const recompute = <R = Row, K extends Key = Key>(keys: readonly NoInfer<K>[]): Operation<R, K> => ({
  kind: 'recompute',
  keys,
})

/**
 * The rows related to another aggregate that changed: those that the definition finds now and those that the target
 * holds now are read again.
 */
export const recomputeWhere = <R = Row, K extends Key = Key>(where: NoInfer<Partial<R>>): Operation<R, K> => ({
  kind: 'recomputeWhere',
  where,
})
