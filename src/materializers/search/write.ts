import type { CanonicalRow } from '../../consumer/fold.ts'
import type { Snapshot } from '../../feed.ts'
import type { DocumentWrite } from './bulk.ts'
import { bookkeeping } from './mapping.ts'
import { documentVersion } from './version.ts'

export interface DocumentContent {
  /** Undefined for a tombstone. */
  row: CanonicalRow | undefined
  /** The number of the last event that it reflects. */
  number: number
  /** The snapshot of the recompute that it still has to remember. */
  snapshot: Snapshot | undefined
}

/** A document in the form in which it is written under an epoch. */
export function documentWrite(id: string, epoch: number, content: DocumentContent): DocumentWrite {
  return {
    id,
    version: documentVersion(epoch, content.number),
    source: JSON.stringify({
      ...content.row,
      [bookkeeping.number]: content.number,
      [bookkeeping.snapshot]: content.snapshot?.text,
      [bookkeeping.deleted]: content.row === undefined ? true : undefined,
    }),
  }
}
