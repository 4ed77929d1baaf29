import type { Definition } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import type { Lease } from '../../lease.ts'
import type { Changes } from '../../net-change/operations.ts'
import { unseen } from '../../net-change/unseen.ts'
import { type NetChange, netChange } from '../../net-change.ts'
import { addPatch, countRows, noRowChanges, type RowChanges } from './row-changes.ts'
import { applyStatement, type Statement } from './statement.ts'

export interface PendingKey {
  key: Value[]
  change: NetChange
}

/** What a page does to the rows, as far as it can be said without a look at them. */
export interface Plan {
  pending: PendingKey[]
  /** Whether rows must be read or recomputed before anything is written. */
  needsRows: boolean
  /** Otherwise: how many rows it writes, and the statement that writes them and moves the cursor. */
  written: number
  statement: Statement | undefined
}

/** @param relation quoted and qualified */
export function planOf(definition: Definition, relation: string, changes: Changes, lease: Lease): Plan {
  const pending = pendingKeys(changes, lease)
  if (changes.wheres.length > 0 || pending.some(({ change }) => needsRow(change))) {
    return { pending, needsRows: true, written: 0, statement: undefined }
  }
  const rows = noRowChanges()
  for (const { key, change } of pending) addChange(rows, key, change)
  const written = countRows(rows)
  const statement = written > 0 ? applyStatement(definition, relation, rows, true) : undefined
  return { pending, needsRows: false, written, statement }
}

export function addChange(rows: RowChanges, key: Value[], change: NetChange): void {
  if (change.kind === 'set') rows.sets.push(change.row)
  else if (change.kind === 'patch') addPatch(rows, key, change.columns)
  else if (change.kind === 'remove') rows.removes.push(key)
}

function pendingKeys(changes: Changes, lease: Lease): PendingKey[] {
  const pending: PendingKey[] = []
  for (const { key, text, operations } of changes.byKey.values()) {
    const snapshot = lease.rowSnapshots.get(text)
    const change = netChange(snapshot ? unseen(operations, snapshot) : operations)
    if (change.kind !== 'none') pending.push({ key, change })
  }
  return pending
}

const needsRow = ({ kind }: NetChange): boolean => kind === 'derive' || kind === 'recompute'
