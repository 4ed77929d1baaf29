import { Shown } from './shown.ts'
import type { Snapshot } from './snapshot.ts'
import type { Row } from './write-model.ts'

/** A document: without a row it is a tombstone. */
export interface Document {
  version: readonly [number, number]
  ordinal: number
  row: Row | null
  /** The snapshot at which it was recomputed. */
  snapshot: Snapshot | undefined
}

/** Where a consumer is: the window that it applies next, and how many of its events it has applied. */
export interface Place {
  window: number
  place: number
}

/** What an index says of itself: the epoch of its owner, and a place up to which everything is written. */
export interface IndexState extends Place {
  epoch: number
  /** The newest window that it may show. */
  named: { window: number; nonce: number }
  generation: number
}

export interface SearchIndex {
  documents: Map<string, Document>
  state: IndexState
  shown: Shown
}

export const newIndex = (start: Place = { window: 1, place: 0 }): SearchIndex => ({
  documents: new Map(),
  state: { ...start, epoch: 0, named: { window: 0, nonce: 0 }, generation: 0 },
  shown: new Shown(),
})

/** A request to write a document, which may come late, and after its sender has died. */
export interface IndexWrite {
  index: SearchIndex
  key: string
  document: Document
  /** It does not come before this step. */
  notBefore: number
  isAnswered: boolean
}

/** The request reaches the engine: a version that is not greater than the document's is a conflict. */
export function land(write: IndexWrite): void {
  write.isAnswered = true
  const { documents } = write.index
  const known = documents.get(write.key)
  if (known && !isGreater(write.document.version, known.version)) return
  write.index.shown.check(write.key, write.document)
  documents.set(write.key, write.document)
}

const isGreater = (one: readonly [number, number], other: readonly [number, number]): boolean =>
  one[0] !== other[0] ? one[0] > other[0] : one[1] > other[1]
