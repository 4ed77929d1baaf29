import { isVisible, type Snapshot } from '../snapshot.ts'
import type { KeyedOperation } from './operations.ts'

/** Drops the operations of events that are already visible in a snapshot which the key's row reflects. */
export function unseen(operations: KeyedOperation[], ...snapshots: (Snapshot | undefined)[]): KeyedOperation[] {
  const known = snapshots.filter((snapshot) => snapshot !== undefined)
  if (known.length === 0) return operations
  return operations.filter((operation) => !known.some((snapshot) => isVisible(operation.xid, snapshot)))
}
