import { createHash } from 'node:crypto'
import type { Definition } from '../../definition.ts'
import type { Row } from '../../encoding.ts'
import type { Snapshot } from '../../feed.ts'
import { documentFields } from '../../query/search/fields.ts'
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

/** The engine takes ids of at most 512 bytes. */
const longestId = 512

/**
 * The id of a row's document: its key text, out of the way of the ids that the toolkit keeps for itself, or the hash of a
 * long one. The engine takes no empty id.
 */
export function documentId(key: string): string {
  if (key === '') return `${reserved}key:`
  const id = key.startsWith(reserved) ? `${reserved}key:${key}` : key
  if (id.length * 3 <= longestId || Buffer.byteLength(id) <= longestId) return id
  return `${reserved}hash:${createHash('sha256').update(key).digest('hex')}`
}

/** A document in the form in which it is written under an epoch. @param key its key text */
export function documentWrite(
  { columns }: Definition,
  key: string,
  epoch: number,
  content: DocumentContent,
): DocumentWrite {
  return {
    id: documentId(key),
    version: documentVersion(epoch, content.ordinal),
    source: JSON.stringify({
      ...(content.row && documentFields(columns, content.row)),
      [bookkeeping.ordinal]: content.ordinal,
      [bookkeeping.snapshot]: content.snapshot?.text,
      [bookkeeping.deleted]: content.row === undefined ? true : undefined,
    }),
  }
}
