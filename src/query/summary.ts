import type { Row, Value } from '../encoding.ts'
import type { Age, Read } from './request.ts'

/** The name of a column. */
type ColumnOf<R> = keyof R & string

/** What is computed of the rows of a group, from one column; rows without a value are left out. */
export type Aggregate<R = Row> =
  /** How many rows have a value. */
  | { count: ColumnOf<R> }
  /** Of a column of numbers: in its own type. */
  | { sum: ColumnOf<R> }
  /** Of a column of numbers: of `numeric(p, s)` a decimal string with s + 6 decimals, of `numeric` one with 12 at most, of others a number. */
  | { avg: ColumnOf<R> }
  /** The smallest value, in the order of `sort`. */
  | { min: ColumnOf<R> }
  /** The largest value, in the order of `sort`. */
  | { max: ColumnOf<R> }
  /** How many different values there are. An index estimates it: see `approximate`. */
  | { countDistinct: ColumnOf<R> }
  /**
   * Of a column of numbers: the number below which the share `at` (0 to 1) of the values lies, between two of them if need
   * be, as `percentile_cont` of SQL. An index estimates it: see `approximate`.
   */
  | { percentile: ColumnOf<R>; at: number }

/** Aggregates by the name under which they are answered. */
export type Aggregates<R = Row> = Record<string, Aggregate<R>>

/** Weeks begin on Monday. */
export type CalendarInterval = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

/**
 * Times by the part of the calendar in which they lie. A group is its first day; of hours and minutes the time at which they
 * begin, as the column writes it. An hour that comes twice when the clocks are set back is two groups.
 */
export interface CalendarGroup<R = Row> {
  /** A column of type `date`, `timestamp` or `timestamptz`; hours and minutes are of the last two. */
  column: ColumnOf<R>
  interval: CalendarInterval
  /** Of a `timestamptz`: where the days begin; default `timeZone` of the configuration. */
  timeZone?: string
}

/** Numbers by the range in which they lie: below the first bound, from each bound to below the next, and from the last on. */
export interface RangeGroup<R = Row> {
  /** A column of numbers. */
  column: ColumnOf<R>
  /** 1 to 100 numbers that ascend, each one that the column can hold. */
  ranges: readonly (number | string)[]
}

/** Numbers by ranges of one width, whose bounds are multiples of it, from the smallest number of the rows to the largest. */
export interface StepGroup<R = Row> {
  /** A column of numbers. */
  column: ColumnOf<R>
  /** The width: above 0, a number that the column can hold, and wide enough for at most 99 ranges. */
  step: number | string
}

/** A range of numbers. */
export interface NumberRange<V = Value> {
  /** The smallest number in it; null: it has no lower bound. */
  from: V | null
  /** The number above it, which is in the next range; null: it has no upper bound. */
  to: V | null
}

/** Rows with equal values, in the same part of the calendar, or in the same range; of an array its elements. */
export type GroupTerm<R = Row> = ColumnOf<R> | CalendarGroup<R> | RangeGroup<R> | StepGroup<R>

/** What a summary may be grouped by: one term, or several at once. */
export type Grouping<R = Row> = GroupTerm<R> | readonly GroupTerm<R>[]

/** What groups are ordered by, `-` for the largest first: `count`, `sum`, `group`, or the name of an aggregate. */
export type GroupSort<Name extends string = string> = `${'' | '-'}${'count' | 'sum' | 'group' | Name}`

/** Bounds of a number; all of them must hold. Decimals may be given as text. */
export interface NumberBounds {
  eq?: number | string
  gt?: number | string
  gte?: number | string
  lt?: number | string
  lte?: number | string
}

/** `count` of the rows, with a `sum` or other aggregates, in groups if `group` is given. */
export interface Summarize<
  R = Row,
  Group extends Grouping<R> = Grouping<R>,
  Sum extends ColumnOf<R> = ColumnOf<R>,
  Named extends Aggregates<R> = Aggregates<R>,
> extends Read<R> {
  /** A column of numbers. */
  sum?: Sum
  /** Up to 20 aggregates, each under a name of your own: `{ average: { avg: 'total' } }`. */
  aggregates?: Named
  /**
   * Up to 5 terms. Of an array the elements: a row counts once for each different one, and in the group null if it has none.
   */
  group?: Group
  /** Only groups whose numbers lie within these bounds, by `count`, `sum` or the name of an aggregate. */
  having?: { [Name in 'count' | 'sum' | NameOf<NoInfer<Named>>]?: NumberBounds }
  /**
   * Default `-count`. Groups that are equal in it come in the order of their values. Groups that lack what orders them, and
   * values that are missing, come last in both directions. An index answers one group of `-count` for any number of groups;
   * for the order of `group` it reads the first ones; for every other order, with `having` and with several terms it reads all
   * groups, and refuses more than 100,000.
   */
  sort?: GroupSort<NameOf<NoInfer<Named>>>
  /** Most groups returned, 1 to 10,000; default 100. */
  limit?: number
}

/** The names of aggregates, if there are any. */
type NameOf<Named> = [Named] extends [never] ? never : keyof Named & string

/** The value of a group: of an array one of its elements, of times the first day or time, of numbers the range; null without `group`, a list with several terms. */
export type GroupOf<R, Group> = [Group] extends [never]
  ? null
  : Group extends readonly unknown[]
    ? { -readonly [Place in keyof Group]: TermOf<R, Group[Place]> }
    : TermOf<R, Group>

/** The value of a group for one term. */
type TermOf<R, Term> = Term extends keyof R
  ? ElementOrValue<R[Term]>
  : Term extends { column: infer C extends keyof R } & ({ ranges: unknown } | { step: unknown })
    ? NumberRange<NonNullable<R[C]>> | null
    : string | null

/** Of an array its elements, of everything else the value. */
type ElementOrValue<V> = V extends readonly (infer Element)[] ? Element | null : V

/** A sum is of the column's own type. */
type SumOf<R, Sum extends keyof R> = [Sum] extends [never] ? null : NonNullable<R[Sum]> | null

/** The value of one aggregate. */
type AggregateOf<R, One> = One extends { count: unknown } | { countDistinct: unknown }
  ? number
  : One extends { percentile: unknown }
    ? number | null
    : ValueIn<R, One[keyof One]>

/** What was asked for by name. */
type Computed<R, Named> = [Named] extends [never]
  ? unknown
  : { aggregates: { [Name in keyof Named]: AggregateOf<R, Named[Name]> } }

/** A value of the column's own type, if any row has one. */
type ValueIn<R, Column> = Column extends keyof R ? NonNullable<R[Column]> | null : never

/** Counts and sums, and where they come from. */
export interface Summary<
  R = Row,
  Group extends Grouping<R> = Grouping<R>,
  Sum extends ColumnOf<R> = ColumnOf<R>,
  Named extends Aggregates<R> = Aggregates<R>,
> extends Age {
  /**
   * Without `group` one entry, whose `group` is null. `sum` is null if no row of the group has a value or none was
   * asked for; a decimal string for `numeric` columns, a number for the others.
   */
  groups: ({ group: GroupOf<R, Group>; count: number; sum: SumOf<R, Sum> } & Computed<R, Named>)[]
  /** Whether there are more groups than `limit`. */
  more: boolean
  /**
   * True if an index cannot vouch for a number that is shown, or for the order: for counts over several shards if there are
   * more groups than `limit`; for sums and averages beyond what doubles add exactly; for every `countDistinct`, which is
   * within 5 %; and for every `percentile`: of the two values next to it, one has a share of smaller values within 1 % of
   * the rows (or two rows) of the one that was asked for.
   */
  approximate: boolean
  target: string
  /** Milliseconds that the read waited for `after`, if it was given. */
  waited?: number
}
