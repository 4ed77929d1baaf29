import type { Row } from './encoding.ts'
import type { KeyedOperation } from './net-change/operations.ts'

/** Several operations of one key in one. */
export type NetChange =
  | { kind: 'none' }
  | { kind: 'set'; row: Row }
  | { kind: 'patch'; columns: Row }
  | { kind: 'remove' }
  | { kind: 'recompute' }
  /** Depends on the row before: what becomes of it step by step. */
  | { kind: 'derive'; steps: Step[] }

/** The row after a step; null is no row. */
type Step = (row: Row | null) => Row | null | 'recompute'

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
      return derivedFrom(before ?? null, change.steps) ?? undefined
    case 'recompute':
      return 'recompute'
  }
}

/** A loop: a page may have thousands of folds of one key, and calls within calls would not fit into the stack. */
function derivedFrom(before: Row | null, steps: readonly Step[]): Row | null | 'recompute' {
  let row = before
  for (const step of steps) {
    const next = step(row)
    if (next === 'recompute') return next
    row = next
  }
  return row
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
      return derive(change.steps, (row) => (row === null ? 'recompute' : { ...row, ...columns }))
    default:
      return { kind: 'recompute' }
  }
}

function folded(change: NetChange, next: (row: Row | undefined) => Row | null): NetChange {
  switch (change.kind) {
    case 'none':
      return derive([], (row) => next(row ?? undefined))
    case 'patch':
      return derive([], (row) => (row === null ? 'recompute' : next({ ...row, ...change.columns })))
    case 'set':
      return settled(next(change.row))
    case 'remove':
      return settled(next(undefined))
    case 'derive':
      return derive(change.steps, (row) => next(row ?? undefined))
    default:
      return { kind: 'recompute' }
  }
}

function derive(steps: Step[], step: Step): NetChange {
  steps.push(step)
  return { kind: 'derive', steps }
}

const settled = (row: Row | null): NetChange => (row === null ? { kind: 'remove' } : { kind: 'set', row })
