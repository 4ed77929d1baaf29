import type { Row, Value } from '../encoding.ts'
import type { CommitToken } from '../outbox.ts'
import type { Span } from '../span.ts'

/** Bounds of one column; several of them must all hold. */
export interface Bounds<V = Value> {
  /** `null` asks for rows without a value. */
  eq?: V | null
  /** Rows without a value differ from every value; `null` asks for rows that have one. */
  ne?: V | null
  /** Text is compared by its UTF-8 bytes, the same in every target. */
  gt?: V
  gte?: V
  lt?: V
  lte?: V
  /** Any of these; an empty list finds nothing. */
  in?: readonly V[]
  /** Text columns only: begins with this, as it is written. Up to 1,000 characters. */
  prefix?: V & string
  /** Array columns only: the array holds this element. */
  has?: ElementOf<V>
  /** Whether there is a value; of an array, whether it has an element that is not null. */
  exists?: boolean
}

/** What the elements of an array column are. */
type ElementOf<V> = V extends readonly (infer Element)[] ? NonNullable<Element> : never

/** What may be asked of a column whose values are `V`: equality, bounds, or an element of an array. */
export type Condition<V> = [V] extends [readonly unknown[]] ? Pick<Bounds<V>, 'has' | 'exists'> : V | Bounds<V>

/**
 * Conditions by column, all of which must hold: a value means equality, `null` the lack of one. Up to 100 conditions, joined
 * up to 10 levels deep.
 */
export type Where<R = Row> = { [C in keyof R]?: Condition<NonNullable<R[C]>> | (null & R[C]) } & Joined<R>

/** Conditions that are joined; none of them may be empty. */
interface Joined<R> {
  /** All of these. */
  and?: readonly Where<R>[]
  /** One of these at least. */
  or?: readonly Where<R>[]
  /** The rows that this does not find, rows without a value included. */
  not?: Where<R>
}

/**
 * A column, or `-column` for the descending order. ` ignoring case` behind a column of text makes upper and lower case equal;
 * ` missing first`, always last, puts rows without a value first.
 */
export type SortTerm<R = Row> = `${'' | '-'}${
  | (keyof R & string)
  | `${TextColumn<R>} ignoring case`}${'' | ' missing first'}`

/** The columns whose values are texts. */
type TextColumn<R> = { [C in keyof R & string]: NonNullable<R[C]> extends string ? C : never }[keyof R & string]

/** Words to be found in the columns that the search target declares for full text. */
export interface FullText {
  /**
   * Every word must be in one of the columns, in any order; words in double quotes, one behind the other. Up to 100 words
   * of up to 255 characters, fewer in more than 2 columns.
   */
  query: string
  /**
   * Whether small errors are forgiven: one edit in words from three letters on (the first letter only from five on), two
   * from six on, and none in a word with a digit. An edit is a letter too many, too few, wrong, or changed with its
   * neighbour. Default true.
   */
  typos?: boolean
  /** Whether the last word may go on, as while somebody types: `print` finds `printer`. Default true. */
  prefix?: boolean
  /** Whether all words must be found, or any of them. Default `all`. */
  match?: 'all' | 'any'
}

/** What every request to a target may say. */
export interface Read<R = Row> {
  where?: Where<R>
  /** Full text, with typos forgiven if only the words are given: only targets with the feature `fullText`. */
  text?: string | FullText
  /** Asks to see this commit: the read waits until the target shows it. */
  after?: CommitToken
  /** Longest wait for `after`; default 5s, at most 24h. */
  timeout?: Span
  /** Longest time that the target may take to answer, apart from the wait for `after`; default 10s, at most 24h. */
  deadline?: Span
}

/**
 * A request for one page of rows.
 *
 * @typeParam C the columns that are chosen
 */
export interface Find<R = Row, C extends keyof R & string = keyof R & string> extends Read<R> {
  /** The columns of the rows, in this order; default all, as in the definition. Conditions and `sort` may name others. */
  columns?: readonly C[]
  /**
   * Rows without a value come last in both directions, unless a term says `missing first`. The key is added, in the direction of the last term, to make the
   * order total. Default: the key, or relevance if `text` is given.
   */
  sort?: SortTerm<R> | readonly SortTerm<R>[]
  /** Rows of one page, 1 to 10,000; default 100. */
  limit?: number
  /** Where the page before ended: its `cursor`. Every target of the read model continues it, with any `columns`. */
  cursor?: string
  /**
   * Asks that all pages show the rows as they are at the first one, whatever is written meanwhile, and how long they are kept for
   * the next page, such as `5m`. Only an index can: it keeps what it has replaced since, so hold no longer than necessary.
   */
  hold?: Span
  /** Asks for the places where the words of `text` were found in the chosen columns. */
  highlight?: boolean
  /** Asks how many rows there are on all pages together. It costs a count of them. */
  total?: boolean
}

/** A piece of a text, in parts that follow each other; `match` is true in those that `text` found. */
export type Fragment = { text: string; match: boolean }[]

/** By column, up to three pieces of about 150 characters, those with most matches. Columns without a match are left out. */
export type Highlights<R = Row> = { [C in keyof R]?: Fragment[] }

/** A row with some of its columns; `never` chooses all. */
export type Chosen<R, C extends keyof R> = [C] extends [never] ? R : Pick<R, C>

/** How old an answer is, by the clock of the database. It was read before the rows, which are never older than it says. */
export interface Age {
  /**
   * Every transaction that had committed at this time is in the answer, later ones may be: ISO 8601 in UTC. Undefined if
   * the target reflects nothing yet of the history that began with a failover or a restore.
   */
  asOf?: string
  /** The snapshot of that time, as PostgreSQL writes it. A view shows exactly this one; a table and an index may be further on. */
  snapshot?: string
  /**
   * Milliseconds for which the oldest event has been waiting that the answer may lack, 0 if there is none; of a view, since
   * the snapshot of its last refresh.
   */
  lag?: number
  /**
   * Rows of it may lack an event that the target could not take: a key is suspect, until it has been read again from the
   * definition. An answer about another key alone is not degraded.
   */
  degraded?: true
}

/** Words that somebody may have meant. */
export interface Correction {
  /** What was asked for, with other words in the places of those that no row has. */
  text: string
  /** How many rows `find` gives for it: more than were found. */
  count: number
}

/** One page of rows, and where it comes from. */
export interface Found<R = Row> extends Age {
  rows: R[]
  /** One for each row, if `highlight` asked for them. Plain text: escape it as you escape the rows. */
  highlights?: Highlights<R>[]
  /** Rows on all pages, if `total` asked for them: counted at the same moment as the rows of this page were read. */
  total?: number
  /** Pass it as `cursor` for the next page; undefined on the last one. */
  cursor: string | undefined
  /**
   * If `text` found fewer than three rows: words that differ from it by a few letters and find more of them, under the
   * same conditions. Words with a digit and words in quotes stay as they are.
   */
  didYouMean?: Correction
  /** The target that answered. */
  target: string
  /** Milliseconds that the read waited for `after`, if it was given. */
  waited?: number
}
