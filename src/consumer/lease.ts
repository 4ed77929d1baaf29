import type { Cursor } from '../feed/page.ts'
import type { Snapshot } from '../feed/snapshot.ts'
import type { Generation } from '../generation.ts'

/** The right to move one cursor, held by one consumer at a time. */
export interface Lease {
  generation: Generation
  owner: string
  /** Raised by every takeover; every write of the target checks it. */
  epoch: number
  /** Raised by every write of the target's rows or cursor. */
  version: number
  cursor: Cursor
  /** The snapshot at which the generation was filled. */
  fillSnapshot: Snapshot | undefined
  /** Keys (in the form of `keyText`) that were recomputed at a snapshot which the cursor has not covered yet. */
  rowSnapshots: Map<string, Snapshot>
}
