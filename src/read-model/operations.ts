import type { Row } from '../encoding.ts'

/**
 * What a handler returns: one change to one row of the read model (or to the rows that `recomputeWhere` finds).
 * `R` is the type of the read model's row.
 */
export type Operation<R = Row> =
  | { readonly kind: 'set'; readonly row: R }
  | { readonly kind: 'patch'; readonly key: Key; readonly columns: Partial<R> }
  | { readonly kind: 'remove'; readonly key: Key }
  | { readonly kind: 'fold'; readonly key: Key; readonly initial: R; readonly next: (row: R) => R | null }
  | { readonly kind: 'recompute'; readonly keys: readonly Key[] }
  | { readonly kind: 'recomputeWhere'; readonly where: Partial<R> }

/** The values of the key columns, in the order in which the read model declares them. */
export type Key = readonly (string | number | bigint)[]

// NoInfer: the row type comes from the place where the operation is returned, so that a column that the definition
// lacks does not compile.

/** The whole row. Only for read models whose columns all belong to the event's aggregate. */
export const set = <R = Row>(row: NoInfer<R>): Operation<R> => ({ kind: 'set', row })

/** Some columns of one row; they must belong to the event's aggregate. A row that is missing is recomputed. */
export const patch = <R = Row>(key: Key, columns: NoInfer<Partial<R>>): Operation<R> => ({
  kind: 'patch',
  key,
  columns,
})

/** The row is gone. */
export const remove = <R = Row>(key: Key): Operation<R> => ({ kind: 'remove', key })

/**
 * The row computed from the row before: for counters and sums. A missing row is `initial`; a `next` that returns null
 * removes the row. `next` must be pure.
 */
export const fold = <R = Row, Next extends NoInfer<R> | null = NoInfer<R> | null>(
  key: Key,
  initial: NoInfer<R>,
  next: (row: NoInfer<R>) => Next & OnlyColumns<NoInfer<R>, Next>,
): Operation<R> => ({ kind: 'fold', key, initial, next })

/** Refuses columns that `R` lacks in what a function returns, where the compiler does not look for excess ones itself. */
type OnlyColumns<R, Next> = Next extends null ? unknown : { [C in Exclude<keyof Next, keyof R>]?: never }

/** The rows are read again from the definition. */
export const recompute = <R = Row>(keys: readonly Key[]): Operation<R> => ({ kind: 'recompute', keys })

/**
 * The rows related to another aggregate that changed: those that the definition finds now and those that the target
 * holds now are read again.
 */
export const recomputeWhere = <R = Row>(where: NoInfer<Partial<R>>): Operation<R> => ({ kind: 'recomputeWhere', where })
