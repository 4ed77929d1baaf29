import type { Row } from './encoding.ts'
import type { EventRegistry, PayloadOf } from './outbox.ts'
import type { Key, KeyOf, Operation } from './read-model/operations.ts'
import type { TextColumn } from './read-model/text-column.ts'
import type { TextLanguage } from './read-model/text-language.ts'
import type { TextRules } from './read-model/text-rules.ts'
import type { Span } from './span.ts'
import type { TimingInput } from './timing.ts'

export * from './read-model/operations.ts'

/** What one event means for one read model. Handlers are pure and synchronous. */
export type Handlers<R, Events extends EventRegistry, K extends Key = Key> = {
  [T in keyof Events & string]?: (
    payload: PayloadOf<Events, T>,
  ) => Operation<R, K> | readonly Operation<R, K>[] | undefined
}

/** An event whose handler failed. */
export interface FailedEvent<Type extends string = string> {
  type: Type
  payload: unknown
}

/** A table has no settings: `{}`. */
export type TableTarget = Record<string, never>

/** When a view is refreshed. */
export interface ViewTarget extends TimingInput {
  /** Longest time one refresh may take; default 1h. */
  timeout?: Span
}

/** What OpenSearch's `settings.analysis` takes. */
export type Analysis = Readonly<
  Partial<Record<'analyzer' | 'tokenizer' | 'filter' | 'char_filter' | 'normalizer', Readonly<Record<string, object>>>>
>

/** What OpenSearch's mapping of a field takes. */
export type FieldMapping = Readonly<{ type: string } & Record<string, unknown>>

/** How an index is made and searched. */
export interface SearchTarget extends TextRules {
  /** Columns for full text. */
  text?: readonly (string | TextColumn)[]
  /** Their language: then the forms of a word are found by each other, `box` by `boxes`. Default none. */
  language?: TextLanguage
  /**
   * Parts of text analysis in OpenSearch's own form, by kind and name: `{ analyzer: { part: { tokenizer: 'keyword' } } }`. What
   * `text` and `fields` name as `analyzer` is looked for here, and in the engine. A change builds the index again.
   */
  analysis?: Analysis
  /**
   * More fields of columns in OpenSearch's own form, for queries of one's own: `{ title: { sounds: { type: 'text', analyzer: 'sounds' } } }`
   * is `title.sounds`. A change builds the index again.
   */
  fields?: Readonly<Record<string, Readonly<Record<string, FieldMapping>>>>
  /** How often written documents are made searchable; default 100ms. */
  indexRefresh?: Span
  /** Primary shards of the index; default 1. */
  shards?: number
  /** Copies of each shard; default 0. */
  replicas?: number
}

/** Where a read model is kept: one of the three, or several. */
export interface Targets {
  table?: TableTarget
  view?: ViewTarget
  search?: SearchTarget
}

/**
 * A read model as the configuration has it: `R` is its row, `Events` the application's event registry, `Columns` the
 * names of its key columns.
 */
export interface ReadModel<
  R = Row,
  Events extends EventRegistry = EventRegistry,
  Columns extends readonly string[] = readonly (keyof R & string)[],
> {
  /** The key columns: unique and never null in the definition. */
  key: Columns
  /** Indexes of the table and the view; each a list of columns, `created_at desc` for a descending one. */
  indexes?: readonly (readonly string[])[]
  /** Columns besides the key that are never null: they get NOT NULL in the table and lose `| null` in the row type. */
  notNull?: readonly (keyof R & string)[]
  /** What a row is, for the comments of the names in SQL. */
  description?: string
  /**
   * What columns mean, for the comments of the names in SQL; a column without one takes the comment of the table's column that
   * the definition shows as it is.
   */
  descriptions?: { readonly [Column in keyof R & string]?: string }
  targets: Targets
  /** The time zone of the days that requests name, such as `Europe/Vienna`; default UTC. */
  timeZone?: string
  /** Which target the serving name shows; default: the first of table, view that is configured. */
  serve?: 'table' | 'view'
  /** The version of the handlers; raise it whenever they change. Default 1. */
  version?: number
  /** The event handlers, for `table` and `search`. */
  on?: Handlers<R, Events, KeyOf<R, Columns>>
  /**
   * What happens at an event that a target cannot take: `park` goes on without it and recomputes the keys that it may have
   * changed; `stop` stops the target there. Default `park`.
   */
  onFailure?: 'park' | 'stop'
  /**
   * The keys that an event may change, asked of an event whose handler failed before it named them. Without it, or if it
   * gives undefined, such an event has the target rebuilt. The payload is as it was appended: its schema may not hold.
   */
  keysOf?: (event: FailedEvent<keyof Events & string>) => readonly KeyOf<R, Columns>[] | undefined
}

/** Gives the compiler the types of a read model if it is written outside of `defineConfig`. */
export function readModel<R = Row, Events extends EventRegistry = EventRegistry>(
  input: NoInfer<ReadModel<R, Events>>,
): ReadModel<R, Events> {
  return input
}
