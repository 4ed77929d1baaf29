import type { Chosen, Find, Found } from '../query/request.ts'
import type { Restriction } from '../query/restriction.ts'
import type { Suggest, Suggestions } from '../query/suggest.ts'
import type { Aggregates, Grouping, Summarize, Summary } from '../query/summary.ts'
import type { Targets } from '../read-model.ts'
import type { ReadableTarget } from '../toolkit.ts'

/** The targets that a read model has: `table` and `search`, for instance. */
type ConfiguredIn<T extends Targets> = T extends unknown ? keyof T & ReadableTarget : never

/** A request without what only search can do. */
type WithoutText<Request> = Omit<Request, 'text' | 'highlight' | 'hold'> & {
  text?: undefined
  highlight?: undefined
  hold?: undefined
}

/**
 * A request to a read model with the targets `T`. `from` names the target that answers; default: the one that an
 * operator has switched to, else `serve`, else the first configured. Full text needs `from: 'search'`, unless search is the only target.
 */
export type RequestTo<Request, T extends Targets> =
  | (WithoutText<Request> & { from?: ConfiguredIn<T> })
  | ('search' extends ConfiguredIn<T> ? Request & FromSearch<T> : never)

/** Where a request with `text` is answered: `from` can be left out only if search is the one target. */
type FromSearch<T extends Targets> =
  'search' extends ConfiguredIn<T>
    ? Exclude<ConfiguredIn<T>, 'search'> extends never
      ? { from?: 'search' }
      : { from: 'search' }
    : never

/** Reads one read model: `R` is its row, `T` has its targets. */
export interface ReadModelReader<R, T extends Targets = Targets> {
  /**
   * Rows of one page.
   *
   * @throws QUERY_INVALID, before anything is asked; WAIT_TIMEOUT, TARGET_STOPPED, TARGET_DETACHED,
   * ERA_MISMATCH and others with `after`
   */
  find<const C extends keyof R & string = never>(request?: RequestTo<Find<R, C>, T>): Promise<Found<Chosen<R, C>>>
  /**
   * Counts and sums.
   *
   * @throws as `find`
   */
  summarize<
    const Group extends Grouping<R> = never,
    Sum extends keyof R & string = never,
    const Named extends Aggregates<R> = never,
  >(request?: RequestTo<Summarize<R, Group, Sum, Named>, T>): Promise<Summary<R, Group, Sum, Named>>
  /**
   * Completes what somebody is typing, from the words of rows: an index with full text answers, the others refuse it.
   * Nothing comes from a row or a column that conditions or a restriction leave out.
   *
   * @throws as `find`
   */
  suggest(request: Suggest<R> & FromSearch<T>): Promise<Suggestions>
  /**
   * A reader for somebody who may not see everything: of some columns, and of rows that fulfil conditions. To it there are
   * no others: a request that names a hidden column is refused as one that names a column which does not exist, and no
   * condition, total, group or cursor reaches a hidden row. A restriction of it restricts further. A word with a typo
   * stands for those words of the whole index that come nearest. A faulty restriction refuses each request (QUERY_INVALID).
   */
  restrict<C extends keyof R & string = keyof R & string>(
    restriction: Restriction<R, C>,
  ): ReadModelReader<Pick<R, C>, T>
}
