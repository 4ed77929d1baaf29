import { isVisible, type Snapshot } from '../snapshot.ts'
import type { KeyedOperation } from './operations.ts'

/**
 * Drops the operations of events that are already visible in a snapshot which the key's row reflects. Of a merged one
 * a snapshot may show only some, and then nobody can tell any more what to leave out: the key is recomputed. To write all
 * of it would be wrong: an event that came after the run may be in the row as well, and will be dropped when it comes.
 */
export function unseen(operations: KeyedOperation[], ...snapshots: (Snapshot | undefined)[]): KeyedOperation[] {
  const known = snapshots.filter((snapshot) => snapshot !== undefined)
  if (known.length === 0) return operations
  return operations.flatMap((operation) => left(operation, known))
}

function left(operation: KeyedOperation, snapshots: readonly Snapshot[]): KeyedOperation[] {
  const shown = snapshots.map((snapshot) => shownOf(operation, snapshot))
  if (shown.includes('all')) return []
  if (shown.every((one) => one === 'none')) return [operation]
  const { ordinal, xid, xids } = operation
  return [{ ordinal, xid, xids, kind: 'recompute' }]
}

/** How much of an operation a snapshot shows; `some` also if it may be all or nothing. */
function shownOf({ xid, xids }: KeyedOperation, snapshot: Snapshot): 'all' | 'some' | 'none' {
  if (!xids) return isVisible(xid, snapshot) ? 'all' : 'none'
  const [lowest, highest] = xids
  if (lowest >= snapshot.xmax) return 'none'
  if (highest >= snapshot.xmax) return 'some'
  for (const running of snapshot.xip) if (running >= lowest && running <= highest) return 'some'
  return 'all'
}
