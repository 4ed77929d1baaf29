import type { Row, Value } from '../../encoding.ts'

/** The rows that a page writes, patches and removes. The keys of the three are disjoint. */
export interface RowChanges {
  sets: Row[]
  /** By the set of patched columns. */
  patches: Map<string, PatchGroup>
  removes: Value[][]
}

/** Rows in which the same columns change. */
export interface PatchGroup {
  columns: string[]
  rows: { key: Value[]; columns: Row }[]
}

export const noRowChanges = (): RowChanges => ({ sets: [], patches: new Map(), removes: [] })

export function addPatch(changes: RowChanges, key: Value[], columns: Row): void {
  const names = Object.keys(columns)
  if (names.length === 0) return
  const signature = names.join()
  const group = changes.patches.get(signature)
  if (group) group.rows.push({ key, columns })
  else changes.patches.set(signature, { columns: names, rows: [{ key, columns }] })
}

export function countRows(changes: RowChanges): number {
  let rows = changes.sets.length + changes.removes.length
  for (const group of changes.patches.values()) rows += group.rows.length
  return rows
}
