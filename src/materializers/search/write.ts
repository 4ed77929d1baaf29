import type { Row } from '../../encoding.ts'
import type { Snapshot } from '../../feed.ts'
import type { DocumentWrite } from './bulk.ts'
import { bookkeeping } from './mapping.ts'
import { documentVersion } from './version.ts'

export interface DocumentContent {
  /** Undefined for a tombstone. */
  row: Row | undefined
  /** The ordinal of the last event that it reflects. */
  ordinal: number
  /** The snapshot of the recompute that it still has to remember. */
  snapshot: Snapshot | undefined
}

const reserved = 'trifold:'

/** The id of a row's document: its key text, out of the way of the ids that the toolkit keeps for itself. */
export const documentId = (key: string): string => (key.startsWith(reserved) ? `${reserved}key:${key}` : key)

/** A document in the form in which it is written under an epoch. @param key its key text */
export function documentWrite(key: string, epoch: number, content: DocumentContent): DocumentWrite {
  return {
    id: documentId(key),
    version: documentVersion(epoch, content.ordinal),
    source: JSON.stringify({
      ...content.row,
      [bookkeeping.ordinal]: content.ordinal,
      [bookkeeping.snapshot]: content.snapshot?.text,
      [bookkeeping.deleted]: content.row === undefined ? true : undefined,
    }),
  }
}
