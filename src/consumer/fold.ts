import type { Value } from '../encoding.ts'

/** What a page means for one key, after its operations are folded in order of number. */
export type Change = { key: Value[] /** Number of the last event that touched the key. */; number: number } & (
  | { kind: 'set' /** All columns, canonical. */; row: Record<string, Value> }
  | { kind: 'patch'; columns: Record<string, Value> }
  | { kind: 'remove' }
  | { kind: 'recompute' }
  /** Needs the row before: `next` maps it (undefined where missing) to the row after, null to remove it, or 'recompute'. */
  | { kind: 'derive'; next: (row: Record<string, Value> | undefined) => Record<string, Value> | null | 'recompute' }
)

/** The changes of one page by key text. */
export interface Changes {
  byKey: Map<string, Change>
  /** Conditions whose rows are recomputed, with the number of their event. */
  wheres: { where: Record<string, Value>; number: number }[]
}
