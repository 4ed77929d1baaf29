import { setImmediate as turnOfOthers } from 'node:timers/promises'
import { keyText } from '../definition/key.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { type FeedEvent, isVisible } from '../feed.ts'
import type { Lease } from '../lease.ts'
import { addOperation } from '../net-change/add-operation.ts'
import type { Changes, KeyedOperation } from '../net-change/operations.ts'
import { reasonOf, shownValue } from '../observe.ts'
import type { EventRegistry } from '../outbox.ts'
import type { Operation, ReadModel } from '../read-model.ts'
import { handling } from './handled-event.ts'
import { payloadOf } from './payload.ts'
import { RowValues } from './row-values.ts'

/** Events that are handled at once, about two milliseconds; slow handlers give way at the next look at the clock. */
const slice = 500
const lookEvery = 16
const longestTurn = 20

/** For whom events are handled: a consumer under its lease, or a caller that only wants to know what they mean. */
export type Handling = Pick<Lease, 'generation' | 'epoch' | 'buildSnapshot' | 'ending'>

type FeedHandled = { event: FeedEvent; lease: Handling }
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
  private readonly keysOf: ReadModel['keysOf']
  private readonly key: readonly Column[]
  /** The canonical form of what handlers write. */
  readonly values: RowValues

  constructor(definition: Definition, model: ReadModel, registry: EventRegistry) {
    this.readModel = definition.readModel
    this.handlers = (model.on ?? {}) as typeof this.handlers
    this.registry = registry
    this.keysOf = model.keysOf
    this.key = definition.key
    this.values = new RowValues(definition)
  }

  /**
   * Adds what events mean to the changes of their page. Many events are handled in slices: between them the process reads
   * answers and ticks.
   *
   * @returns the event at which it stopped, if a handler failed
   */
  async addChanges(changes: Changes, events: readonly FeedEvent[], lease: Handling): Promise<Failed | undefined> {
    let began = performance.now()
    for (const [place, event] of events.entries()) {
      const isLong = place % lookEvery === 0 && performance.now() - began > longestTurn
      if (isLong || place % slice === slice - 1) {
        await turnOfOthers()
        began = performance.now()
      }
      const handler = Object.hasOwn(this.handlers, event.type) ? this.handlers[event.type] : undefined
      if (handler === undefined || inRows(event, lease)) continue
      if (event.ordinal === lease.ending?.details.ordinal) return { event, error: lease.ending }
      try {
        const handled = { event, lease }
        handling(handled, () => {
          const result = handler(payloadOf(this.registry, event) as never)
          if (result !== undefined) this.add(changes, result, handled)
        })
      } catch (cause) {
        return { event, error: this.failure(event, cause) }
      }
    }
    return undefined
  }

  /**
   * The keys that an event may change, each to be read again from the definition. The handler is asked first, unless it
   * would end the process, then `keysOf`. Undefined if neither knows them.
   */
  recomputes(handled: FeedHandled, askHandler: boolean): Changes | undefined {
    const answer = (askHandler && this.asked(handled, () => this.operationsOf(handled.event))) || undefined
    return (
      this.recomputed(handled, answer) ??
      this.recomputed(
        handled,
        this.asked(handled, () => this.keysNamed(handled)),
      )
    )
  }

  private asked(handled: FeedHandled, ask: () => Operation[] | undefined): Operation[] | undefined {
    try {
      return handling(handled, ask)
    } catch {
      return undefined // why it failed was said when it was to be applied
    }
  }

  private operationsOf(event: FeedEvent): Operation[] {
    const handler = this.handlers[event.type] as (payload: never) => Operation | Operation[] | undefined
    const result = handler(payloadOf(this.registry, event) as never)
    return result === undefined ? [] : [result].flat() // what is no operation names no keys
  }

  private keysNamed({ event }: FeedHandled): Operation[] | undefined {
    const keys = this.keysOf?.({ type: event.type, payload: JSON.parse(event.payload) })
    return keys && [{ kind: 'recompute', keys }]
  }

  private recomputed(handled: FeedHandled, operations: Operation[] | undefined): Changes | undefined {
    if (!operations) return undefined
    const changes: Changes = { byKey: new Map(), wheres: [] }
    try {
      for (const operation of operations) this.add(changes, this.recomputeOf(operation), handled)
      return changes
    } catch {
      return undefined // a key that the columns cannot hold
    }
  }

  private recomputeOf(operation: Operation): Operation {
    if (operation.kind === 'recompute' || operation.kind === 'recomputeWhere') return operation
    if (operation.kind !== 'set') return { kind: 'recompute', keys: [operation.key] }
    return { kind: 'recompute', keys: [this.key.map(({ name }) => operation.row[name] as string)] }
  }

  /** Nothing is added until all operations of the event are in canonical form. */
  private add(changes: Changes, result: Operation | readonly Operation[], handled: FeedHandled): void {
    const entries = Array.isArray(result)
      ? (result as readonly Operation[]).flatMap((operation) => this.entriesOf(operation, handled))
      : this.entriesOf(result as Operation, handled)
    for (const entry of entries) {
      if ('where' in entry) changes.wheres.push(entry)
      else addEntry(changes, entry)
    }
  }

  private entriesOf(operation: Operation, handled: FeedHandled): Entry[] {
    const { ordinal, xid } = handled.event
    switch (operation?.kind) {
      case 'set': {
        const row = this.values.wholeRow(operation.row)
        const key = this.key.map((column) => row[column.name] as Value)
        return [this.entry(key, { ordinal, xid, kind: 'set', row })]
      }
      case 'patch': {
        const columns = this.values.patchOf(operation.columns)
        return [this.entry(this.values.keyOf(operation.key), { ordinal, xid, kind: 'patch', columns })]
      }
      case 'remove':
        return [this.entry(this.values.keyOf(operation.key), { ordinal, xid, kind: 'remove' })]
      case 'fold':
        return [this.foldEntry(operation, handled)]
      case 'recompute':
        return operation.keys.map((key) => this.entry(this.values.keyOf(key), { ordinal, xid, kind: 'recompute' }))
      case 'recomputeWhere':
        return [{ where: this.values.someColumns(operation.where), ordinal }]
      default:
        if ((operation as unknown) instanceof Promise) (operation as unknown as Promise<unknown>).catch(() => {}) // said once
        throw new TrifoldError('HANDLER_FAILED', `it returned ${shownResult(operation)}, which is not an operation`)
    }
  }

  private entry(key: Value[], operation: KeyedOperation): KeyedEntry {
    return { key, text: keyText(this.key, key), operation }
  }

  private foldEntry(operation: Fold, handled: FeedHandled): KeyedEntry {
    const { ordinal, xid } = handled.event
    const key = this.values.keyOf(operation.key)
    const text = keyText(this.key, key)
    return { key, text, operation: { ordinal, xid, kind: 'fold', next: this.folding(operation, text, handled) } }
  }

  /** Runs later, when the row before is known: a failure there names its event all the same. */
  private folding(operation: Fold, text: string, handled: FeedHandled): (row: Row | undefined) => Row | null {
    return (row) => {
      try {
        const before = row ?? this.values.wholeRow(operation.initial)
        const next = handling(handled, () => operation.next(this.values.read(before)))
        return next === null ? null : this.values.withKey(this.values.rowAfter(before, next), text)
      } catch (cause) {
        throw this.failure(handled.event, cause)
      }
    }
  }

  private failure(event: FeedEvent, cause: unknown): TrifoldError {
    const code = isTrifoldError(cause) && cause.code === 'HANDLER_UNKNOWN_COLUMN' ? cause.code : 'HANDLER_FAILED'
    return new TrifoldError(
      code,
      `consumer: the handler of ${this.readModel} for ${event.type} failed at event ${event.ordinal} (position ${event.position}): ${reasonOf(cause)}; ` +
        'correct the handler or its schema and restart the worker: it continues at this event',
      {
        cause,
        details: { readModel: this.readModel, type: event.type, ordinal: event.ordinal, position: event.position },
      },
    )
  }
}

/** Whether the snapshot at which the generation was built shows an event: its rows have it already. */
const inRows = (event: FeedEvent, { buildSnapshot }: Pick<Lease, 'buildSnapshot'>): boolean =>
  buildSnapshot !== undefined && isVisible(event.xid, buildSnapshot)

/** An operation, and the key that it is for. */
interface KeyedEntry {
  key: Value[]
  text: string
  operation: KeyedOperation
}

/** What one operation of a handler means: for a key, or for all rows with some values. */
type Entry = KeyedEntry | Changes['wheres'][number]

function addEntry({ byKey }: Changes, { key, text, operation }: KeyedEntry): void {
  const known = byKey.get(text)
  if (known) addOperation(known.operations, operation)
  else byKey.set(text, { key, text, operations: [operation] })
}

const shownResult = (result: unknown): string =>
  result instanceof Promise ? 'a promise (handlers are synchronous)' : shownValue(result)
