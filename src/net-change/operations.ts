import type { Row, Value } from '../encoding.ts'

/** One operation on one key, with canonical values, and the event it comes from; of a merged one, the last event. */
export type KeyedOperation = {
  ordinal: number
  xid: number
  /** Of a merged operation: the lowest and the highest of its transactions. */
  xids?: readonly [lowest: number, highest: number] | undefined
} & (
  | { kind: 'set'; row: Row }
  | { kind: 'patch'; columns: Row }
  | { kind: 'remove' }
  | { kind: 'fold'; next: (row: Row | undefined) => Row | null }
  | { kind: 'recompute' }
)

/** What a page means for one key, in order of ordinal. */
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
  wheres: { where: Row; ordinal: number }[]
}
