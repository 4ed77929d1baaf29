import type { KeyedOperation } from './operations.ts'

type Operation<Kind> = Extract<KeyedOperation, { kind: Kind }>
type Write = Operation<'set' | 'patch'>

/**
 * Adds the next operation of a key. A patch is merged into the set or patch before it as it comes, and let go: what lives as
 * long as a page the garbage collector has to carry along.
 *
 * A row that has the first part of such a run already may be given the whole run: it ends in the same row. If a snapshot
 * decides what the row has, see {@link unseen}.
 */
export function addOperation(operations: KeyedOperation[], next: KeyedOperation): void {
  const last = operations[operations.length - 1]
  if (next.kind === 'patch' && (last?.kind === 'set' || last?.kind === 'patch')) merge(last, next)
  else operations.push(next)
}

function merge(last: Write, next: Operation<'patch'>): void {
  Object.assign(last.kind === 'set' ? last.row : last.columns, next.columns)
  const [lowest, highest] = last.xids ?? [last.xid, last.xid]
  if (next.xid < lowest || next.xid > highest) last.xids = [Math.min(lowest, next.xid), Math.max(highest, next.xid)]
  last.ordinal = next.ordinal
  last.xid = next.xid
}
