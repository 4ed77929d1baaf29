import type { Row } from './encoding.ts'
import type { KeyedOperation } from './net-change/operations.ts'

/** Several operations of one key in one. */
export type NetChange =
  | { kind: 'none' }
  | { kind: 'set'; row: Row }
  | { kind: 'patch'; columns: Row }
  | { kind: 'remove' }
  | { kind: 'recompute' }
  /** Depends on the row before (undefined if missing): null removes it. */
  | { kind: 'derive'; next: (row: Row | undefined) => Row | null | 'recompute' }

/**
 * The net change of the operations of one key. Operations after a recompute are dropped: its snapshot is newer than the
 * page and shows them.
 */
export function netChange(operations: readonly KeyedOperation[]): NetChange {
  let change: NetChange = { kind: 'none' }
  for (const operation of operations) {
    change = then(change, operation)
    if (change.kind === 'recompute') break
  }
  return change
}

/** The row after a net change; undefined if there is none, `recompute` if it has to be read from the definition. */
export function rowAfter(change: NetChange, before: Row | undefined): Row | undefined | 'recompute' {
  switch (change.kind) {
    case 'none':
      return before
    case 'set':
      return change.row
    case 'remove':
      return undefined
    case 'patch':
      return before ? { ...before, ...change.columns } : 'recompute'
    case 'derive':
      return change.next(before) ?? undefined
    case 'recompute':
      return 'recompute'
  }
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
function patched(change: NetChange, columns: Row): NetChange {
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

function folded(change: NetChange, next: (row: Row | undefined) => Row | null): NetChange {
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

type Next = (row: Row | undefined) => Row | null | 'recompute'

function derive(first: Next, second: (row: Row | null) => Row | null | 'recompute'): NetChange {
  return {
    kind: 'derive',
    next: (row) => {
      const between = first(row)
      return between === 'recompute' ? between : second(between)
    },
  }
}

const settled = (row: Row | null): NetChange => (row === null ? { kind: 'remove' } : { kind: 'set', row })
