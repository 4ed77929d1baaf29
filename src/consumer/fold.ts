import type { Value } from '../encoding.ts'
import type { Snapshot } from '../feed/snapshot.ts'
import { type FeedEvent, isVisible } from '../feed.ts'
import type { Lease } from './lease.ts'

/** A row with values in the canonical encoding, by column. */
export type CanonicalRow = Record<string, Value>

/** One operation on one key, with canonical values, and the event it comes from. */
export type KeyedOperation = { number: number; xid: number } & (
  | { kind: 'set'; row: CanonicalRow }
  | { kind: 'patch'; columns: CanonicalRow }
  | { kind: 'remove' }
  | { kind: 'fold'; next: (row: CanonicalRow | undefined) => CanonicalRow | null }
  | { kind: 'recompute' }
)

/** What a page means for one key, in order of number. */
export interface KeyOperations {
  key: Value[]
  /** `keyText` of the key. */
  text: string
  operations: KeyedOperation[]
}

/** What a page of events means for the rows of a read model. */
export interface Changes {
  byKey: Map<string, KeyOperations>
  /** Conditions whose rows are recomputed. */
  wheres: { where: CanonicalRow; number: number }[]
}

/** Several operations of one key in one. */
export type NetChange =
  | { kind: 'none' }
  | { kind: 'set'; row: CanonicalRow }
  | { kind: 'patch'; columns: CanonicalRow }
  | { kind: 'remove' }
  | { kind: 'recompute' }
  /** Depends on the row before (undefined where missing): null removes it. */
  | { kind: 'derive'; next: (row: CanonicalRow | undefined) => CanonicalRow | null | 'recompute' }

/**
 * Folds the operations of one key. Operations after a recompute are dropped: its snapshot is newer than the page and
 * shows them.
 */
export function netChange(operations: readonly KeyedOperation[]): NetChange {
  let change: NetChange = { kind: 'none' }
  for (const operation of operations) {
    change = then(change, operation)
    if (change.kind === 'recompute') break
  }
  return change
}

function then(change: NetChange, operation: KeyedOperation): NetChange {
  switch (operation.kind) {
    case 'set':
    case 'remove':
    case 'recompute':
      return operation
    case 'patch':
      return change.kind === 'none' ? operation : patched(change, operation.columns)
    case 'fold':
      return folded(change, operation.next)
  }
}

/** A patch of a row that is known to be missing recomputes the key. */
function patched(change: NetChange, columns: CanonicalRow): NetChange {
  switch (change.kind) {
    case 'patch':
      return { kind: 'patch', columns: { ...change.columns, ...columns } }
    case 'set':
      return { kind: 'set', row: { ...change.row, ...columns } }
    case 'derive':
      return derive(change.next, (row) => (row === null ? 'recompute' : { ...row, ...columns }))
    default:
      return { kind: 'recompute' }
  }
}

function folded(change: NetChange, next: (row: CanonicalRow | undefined) => CanonicalRow | null): NetChange {
  switch (change.kind) {
    case 'none':
      return { kind: 'derive', next }
    case 'patch':
      return { kind: 'derive', next: (row) => (row === undefined ? 'recompute' : next({ ...row, ...change.columns })) }
    case 'set':
      return settled(next(change.row))
    case 'remove':
      return settled(next(undefined))
    case 'derive':
      return derive(change.next, (row) => next(row ?? undefined))
    default:
      return { kind: 'recompute' }
  }
}

type Next = (row: CanonicalRow | undefined) => CanonicalRow | null | 'recompute'

function derive(first: Next, second: (row: CanonicalRow | null) => CanonicalRow | null | 'recompute'): NetChange {
  return {
    kind: 'derive',
    next: (row) => {
      const between = first(row)
      return between === 'recompute' ? between : second(between)
    },
  }
}

const settled = (row: CanonicalRow | null): NetChange => (row === null ? { kind: 'remove' } : { kind: 'set', row })

/** Drops the operations of events that are already visible in a snapshot which the key's row reflects. */
export function unseen(operations: KeyedOperation[], ...snapshots: (Snapshot | undefined)[]): KeyedOperation[] {
  const known = snapshots.filter((snapshot) => snapshot !== undefined)
  if (known.length === 0) return operations
  return operations.filter((operation) => !known.some((snapshot) => isVisible(operation.xid, snapshot)))
}

/** Whether an event is in the rows of the fill already. */
export const inFill = (event: FeedEvent, lease: Lease): boolean =>
  lease.fillSnapshot !== undefined && isVisible(event.xid, lease.fillSnapshot)
