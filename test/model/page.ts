import { type Consumer, type Window, windowAt } from './database.ts'
import { definitionAt } from './definition.ts'
import { type Operation, type OutboxEvent, operationsOf } from './events.ts'
import { isCovered, isVisible, laterOf, type Snapshot } from './snapshot.ts'
import { eventsOf } from './ticker.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'
import { keysOf, type ReadModelName, type Row } from './write-model.ts'

export interface PageEvent extends OutboxEvent {
  ordinal: number
}

export interface Page {
  events: PageEvent[]
  /** Where the cursor is after it. */
  window: number
  place: number
}

/** An operation on one key. */
export type KeyOperation = Exclude<Operation, { kind: 'recomputeWhere' }> & { ordinal: number; xid: number }

export interface Changes {
  byKey: Map<string, KeyOperation[]>
  /** Keys of events that were parked and whose rows cannot be kept now. */
  suspects: Set<string>
}

export const modelOf = ({ target }: Consumer): ReadModelName => target.split('@')[0] as ReadModelName

/** The next page of a consumer: from the window that it was handed, or the stored one. */
export function readPage(world: World, { window, place }: Consumer): Page | undefined {
  const { database, handed } = world
  const stored = database.windows[window]
  const inMemory = handed?.window.id === window && (stored || !world.rules.storedFirst) && world.chance(0.5)
  const read = inMemory ? handed : stored && { window: stored, events: storedEvents(world, stored) }
  if (!read) return undefined
  const size = 1 + world.below(4)
  const events = read.events
    .slice(place, place + size)
    .map((event, index) => ({ ...event, ordinal: read.window.first + place + index }))
  const isEnd = place + events.length >= read.events.length
  return { events, window: isEnd ? window + 1 : window, place: isEnd ? 0 : place + events.length }
}

function storedEvents(world: World, { id, snapshot, count }: Window): OutboxEvent[] {
  const events = eventsOf(world, windowAt(world.database, id - 1), snapshot)
  if (events.length < count) throw new Violation(`events of window ${id} are gone, and a consumer reads it`)
  return events
}

/** Whether a target refuses what an event means for a key: some for good, some as long as the event alone is applied. */
const isRefused = (target: string, { position }: OutboxEvent): boolean => (position * 31 + target.length) % 9 === 0
const cannotBeKept = ({ position }: OutboxEvent): boolean => position % 3 === 0

/**
 * What the events of a page mean, key by key. One that is refused is parked.
 *
 * @param productOf the product of a key in the target
 */
export function changesOf(
  world: World,
  consumer: Consumer,
  { events }: Page,
  now: Snapshot,
  productOf: (key: string) => unknown,
): Changes {
  const changes: Changes = { byKey: new Map(), suspects: new Set() }
  const model = modelOf(consumer)
  const add = (key: string, operation: KeyOperation) =>
    changes.byKey.set(key, [...(changes.byKey.get(key) ?? []), operation])
  for (const event of events) {
    const { ordinal, xid } = event
    for (const operation of operationsOf(model, event, world.rules)) {
      if (operation.kind === 'recomputeWhere')
        for (const key of keysWhere(world, model, operation.product, now, productOf))
          add(key, { kind: 'recompute', key, ordinal, xid })
      else if (!isRefused(consumer.target, event)) add(operation.key, { ...operation, ordinal, xid })
      else park(world, consumer, changes, operation, { event, add })
    }
  }
  return changes
}

function park(
  { rules }: World,
  consumer: Consumer,
  { suspects }: Changes,
  operation: Exclude<Operation, { kind: 'recomputeWhere' }>,
  { event, add }: { event: PageEvent; add: (key: string, operation: KeyOperation) => void },
): void {
  const { key } = operation
  consumer.parked.push({ key, next: (row) => (operation.kind === 'fold' ? operation.next(row) : row) })
  if (cannotBeKept(event)) {
    if (rules.keepsSuspects) suspects.add(key)
  } else if (rules.parkRecomputes) add(key, { kind: 'recompute', key, ordinal: event.ordinal, xid: event.xid })
}

const keysWhere = (
  { database, rules }: World,
  model: ReadModelName,
  product: string,
  now: Snapshot,
  productOf: (key: string) => unknown,
): string[] =>
  keysOf(model).filter(
    (key) =>
      definitionAt(database, model, key, now)?.product === product || (rules.whereOfBoth && productOf(key) === product),
  )

/** The row after operations; `recompute` drops those behind it, which its snapshot shows. */
export function rowAfter(before: Row | null, operations: readonly KeyOperation[]): Row | null | 'recompute' {
  let row = before
  for (const operation of operations) {
    if (operation.kind === 'recompute' || (operation.kind === 'patch' && !row)) return 'recompute'
    if (operation.kind === 'set') row = operation.row
    if (operation.kind === 'remove') row = null
    if (operation.kind === 'patch') row = { ...row, ...operation.columns }
    if (operation.kind === 'fold') row = operation.next(row)
  }
  return row
}

/** Those that a snapshot does not show. */
export const unseen = (operations: readonly KeyOperation[], snapshot: Snapshot | undefined): KeyOperation[] =>
  operations.filter(({ xid }) => !snapshot || !isVisible(xid, snapshot))

/** The snapshot at which the row of a key was read, by a recompute or by the build. */
export const snapshotOf = ({ keySnapshots, rangeSnapshots }: Consumer, key: string): Snapshot | undefined =>
  laterOf(keySnapshots.get(key), rangeSnapshots.get(key))

/**
 * Forgets the snapshots that the window covers behind which the cursor never goes back.
 *
 * @param here the snapshot of that window
 */
export function forgetSnapshots({ rules }: World, consumer: Consumer, here: Snapshot): void {
  const isPassed = (snapshot: Snapshot) =>
    rules.forgottenWhenCovered ? isCovered(snapshot, here) : snapshot.xmax <= here.xmax
  for (const store of [consumer.keySnapshots, consumer.rangeSnapshots])
    for (const [key, snapshot] of store) if (isPassed(snapshot)) store.delete(key)
}
