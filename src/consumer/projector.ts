import { setImmediate as turnOfOthers } from 'node:timers/promises'
import { keyText } from '../definition/key.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { type FeedEvent, isVisible } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { Changes, KeyedOperation } from '../net-change/operations.ts'
import { checkPayload } from '../outbox/events.ts'
import type { EventRegistry } from '../outbox.ts'
import type { Operation, ReadModel } from '../read-model.ts'

/** Events that are handled at once: about two milliseconds. */
const slice = 500

type Fold = Extract<Operation, { kind: 'fold' }>

/** The event whose handler failed. */
export interface Failed {
  event: FeedEvent
  error: TrifoldError
}

/** Turns events into changes of one read model: runs the handlers and brings their values into canonical form. */
export class Projector {
  private readonly readModel: string
  private readonly handlers: Record<string, (payload: never) => Operation | readonly Operation[] | undefined>
  private readonly registry: EventRegistry
  private readonly columns: Map<string, Column>
  private readonly key: readonly Column[]
  /** Copied for each row: it has the place for all columns at once. */
  private readonly blank: Row = {}

  constructor(definition: Definition, model: ReadModel, registry: EventRegistry) {
    this.readModel = definition.readModel
    this.handlers = (model.on ?? {}) as typeof this.handlers
    this.registry = registry
    this.columns = new Map(definition.columns.map((column) => [column.name, column]))
    this.key = definition.key
    for (const { name } of definition.columns) this.blank[name] = null
  }

  /**
   * Adds what events mean to the changes of their page. Many events are handled in slices: between them the process reads
   * answers and ticks.
   *
   * @returns the event at which it stopped, if a handler failed
   */
  async addChanges(changes: Changes, events: readonly FeedEvent[], lease: Lease): Promise<Failed | undefined> {
    for (const [place, event] of events.entries()) {
      if (place % slice === slice - 1) await turnOfOthers()
      const handler = this.handlers[event.type]
      if (handler === undefined || inRows(event, lease)) continue
      try {
        const result = handler(checkPayload(this.registry, event.type, JSON.parse(event.payload)) as never)
        if (result !== undefined) this.add(changes, result, event)
      } catch (cause) {
        return { event, error: this.failure(event, cause) }
      }
    }
    return undefined
  }

  /** Nothing is added until all operations of the event are in canonical form. */
  private add(changes: Changes, result: Operation | readonly Operation[], event: FeedEvent): void {
    const entries = Array.isArray(result)
      ? (result as readonly Operation[]).flatMap((operation) => this.entriesOf(operation, event))
      : this.entriesOf(result as Operation, event)
    for (const entry of entries) {
      if ('where' in entry) changes.wheres.push(entry)
      else addOperation(changes, entry)
    }
  }

  private entriesOf(operation: Operation, event: FeedEvent): Entry[] {
    const { ordinal, xid } = event
    switch (operation?.kind) {
      case 'set': {
        const row = this.wholeRow(operation.row)
        const key = this.key.map((column) => row[column.name] as Value)
        return [this.entry(key, { ordinal, xid, kind: 'set', row })]
      }
      case 'patch': {
        const columns = this.patchOf(operation.columns)
        return [this.entry(this.keyOf(operation.key), { ordinal, xid, kind: 'patch', columns })]
      }
      case 'remove':
        return [this.entry(this.keyOf(operation.key), { ordinal, xid, kind: 'remove' })]
      case 'fold':
        return [this.foldEntry(operation, event)]
      case 'recompute':
        return operation.keys.map((key) => this.entry(this.keyOf(key), { ordinal, xid, kind: 'recompute' }))
      case 'recomputeWhere':
        return [{ where: this.someColumns(operation.where), ordinal }]
      default:
        throw new TrifoldError('HANDLER_FAILED', `it returned ${shownResult(operation)}, which is not an operation`)
    }
  }

  private entry(key: Value[], operation: KeyedOperation): KeyedEntry {
    return { key, text: keyText(this.key, key), operation }
  }

  private foldEntry(operation: Fold, event: FeedEvent): KeyedEntry {
    const { ordinal, xid } = event
    const key = this.keyOf(operation.key)
    const text = keyText(this.key, key)
    return { key, text, operation: { ordinal, xid, kind: 'fold', next: this.folding(operation, text, event) } }
  }

  /** Runs later, when the row before is known: a failure there names its event all the same. */
  private folding(operation: Fold, text: string, event: FeedEvent): (row: Row | undefined) => Row | null {
    return (row) => {
      try {
        const next = operation.next(row ?? this.wholeRow(operation.initial))
        return next === null ? null : this.rowWithKey(this.wholeRow(next), text)
      } catch (cause) {
        throw this.failure(event, cause)
      }
    }
  }

  private rowWithKey(row: Row, text: string): Row {
    const key = keyText(
      this.key,
      this.key.map((column) => row[column.name] as Value),
    )
    if (key === text) return row
    throw new TrifoldError('HANDLER_FAILED', `a fold of the key ${text} gave a row with the key ${key}`)
  }

  private keyOf(key: readonly unknown[]): Value[] {
    if (!Array.isArray(key) || key.length !== this.key.length) {
      const names = this.key.map((column) => column.name).join(', ')
      throw new TrifoldError(
        'HANDLER_FAILED',
        `a key is a list of the values of ${names}; it gave ${JSON.stringify(key)}`,
      )
    }
    return this.key.map((column, place) => canonical(column, key[place]))
  }

  /** Every column in canonical form; a column that is left out is null. */
  wholeRow(row: object): Row {
    const given = row as Record<string, unknown>
    const whole: Row = { ...this.blank }
    for (const column of this.columns.values()) whole[column.name] = canonical(column, given[column.name])
    for (const name in given) if (!this.columns.has(name)) throw this.unknownColumn(name)
    return whole
  }

  private patchOf(columns: object): Row {
    for (const { name } of this.key) if (name in columns) throw keyPatched(name)
    return this.someColumns(columns)
  }

  private someColumns(columns: object): Row {
    const some: Row = {}
    for (const name in columns) {
      const column = this.columns.get(name)
      if (!column) throw this.unknownColumn(name)
      some[name] = canonical(column, (columns as Record<string, unknown>)[name])
    }
    return some
  }

  private unknownColumn(name: string): TrifoldError {
    return new TrifoldError(
      'HANDLER_UNKNOWN_COLUMN',
      `it writes the column ${name}, which the definition of ${this.readModel} lacks (columns: ${[...this.columns.keys()].join(', ')})`,
    )
  }

  private failure(event: FeedEvent, cause: unknown): TrifoldError {
    const code = isTrifoldError(cause) && cause.code === 'HANDLER_UNKNOWN_COLUMN' ? cause.code : 'HANDLER_FAILED'
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new TrifoldError(
      code,
      `consumer: the handler of ${this.readModel} for ${event.type} failed at event ${event.ordinal} (position ${event.position}): ${reason}; ` +
        'correct the handler or its schema and restart the worker: it goes on at this event',
      {
        cause,
        details: { readModel: this.readModel, type: event.type, ordinal: event.ordinal, position: event.position },
      },
    )
  }
}

/** Whether the snapshot at which the generation was built shows an event: its rows have it already. */
const inRows = (event: FeedEvent, lease: Lease): boolean =>
  lease.buildSnapshot !== undefined && isVisible(event.xid, lease.buildSnapshot)

/** An operation, and the key that it is for. */
interface KeyedEntry {
  key: Value[]
  text: string
  operation: KeyedOperation
}

/** What one operation of a handler means: for a key, or for all rows with some values. */
type Entry = KeyedEntry | Changes['wheres'][number]

function addOperation({ byKey }: Changes, { key, text, operation }: KeyedEntry): void {
  const known = byKey.get(text)
  if (known) known.operations.push(operation)
  else byKey.set(text, { key, text, operations: [operation] })
}

const keyPatched = (name: string): TrifoldError =>
  new TrifoldError('HANDLER_FAILED', `a patch cannot change the key column ${name}; remove the row and set the new one`)

function canonical(column: Column, value: unknown): Value {
  if (value === null || value === undefined) {
    if (column.notNull)
      throw new TrifoldError('VALUE_INVALID', `the column ${column.name} is never null, but no value was given`)
    return null
  }
  try {
    return column.encoding.canonical(value)
  } catch (cause) {
    throw new TrifoldError('VALUE_INVALID', `the column ${column.name}: ${(cause as Error).message}`, { cause })
  }
}

const shownResult = (result: unknown): string =>
  result instanceof Promise ? 'a promise (handlers are synchronous)' : JSON.stringify(result)
