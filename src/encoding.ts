/**
 * One value of a row in its canonical form, the same whichever target it comes from: what `find` returns, what
 * handlers write, what comparisons compare.
 */
export type Value = string | number | boolean | null | Json[] | { [key: string]: Json }
/** What a column of type json or jsonb may hold. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
/** A row as `find` returns it, by column. */
export type Row = Record<string, Value>

/**
 * How one PostgreSQL type travels: to JavaScript, to a parameter, to an index. A value arrives exactly, or is refused by
 * `decode` and `canonical`; `suspectSql` finds what to decode if rows do not pass through JavaScript.
 */
export interface Encoding {
  /** The type in which a target stores the column, as it is written in SQL. */
  pgType: string
  /** Whether the definition's own type is another, so that the column is cast. */
  isCast?: boolean
  /** The type of the application's value in TypeScript. */
  tsType: string
  /** The encoding of the elements, of an array. */
  element?: Encoding
  /** The declared digits of a number. */
  precision?: number
  /** Those of them that are decimals. */
  scale?: number
  /** The column's own field in OpenSearch. */
  mapping: Record<string, unknown>
  /** A second field, for conditions, order and groups, of a type that its own field does not hold exactly. */
  exact?: ExactField
  /** What the field holds in place of a value, if that differs; the value is then stored beside it. */
  term?(value: Value): Value
  /** From PostgreSQL's text form (session settings of `database.ts`: UTC, ISO) to the canonical value. @throws VALUE_INVALID */
  decode(text: string): Value
  /** From any accepted value to the canonical one. @throws VALUE_INVALID (message without the column's name) */
  canonical(value: unknown): Value
  /** From the canonical value to the text of a parameter. */
  text(value: Value): string
  /** From the canonical value to the application's, of which it must not change the original. */
  read?(value: Value): Value
  /** Of the values that PostgreSQL holds equal, the one that represents all (10.1 for 10.10). */
  representative?(value: Value): Value
  /** A condition on an escaped column name: rows that do not fulfil it have no value that `decode` refuses. */
  suspectSql?(column: string): string
}

/** A field whose values have the order of the column's, and are equal if those are. */
export interface ExactField {
  mapping: Record<string, unknown>
  /** A large integer is text. */
  of(value: Value): string | number
  /** The value back, in its representative form, from a bucket's key. */
  from(key: unknown): Value
}
