import type { Client } from '@opensearch-project/opensearch'
import type { Definition } from '../../definition.ts'
import type { Changes, KeyOperations } from '../../net-change/operations.ts'
import { rowOfDocument } from '../../query/search/fields.ts'
import { parseSnapshot } from '../../snapshot.ts'
import { readDocuments, type StoredDocument } from './documents.ts'
import { type DocumentContent, documentId } from './write.ts'

/** About 20 MB of documents as wide as a row usually is. */
const mostRemembered = 20_000

/**
 * The documents of an index as its owner knows them. Those that it wrote last need not be read again: while it is the owner
 * nobody else can have changed them, since a former owner's write has a lower version, and a later owner's makes the next
 * state document a conflict.
 */
export class KnownDocuments {
  private readonly client: Client
  private readonly index: string
  private readonly definition: Definition
  private readonly written = new Map<string, DocumentContent>()

  constructor(client: Client, index: string, definition: Definition) {
    this.client = client
    this.index = index
    this.definition = definition
  }

  /**
   * The documents that a page's operations depend on, by key text.
   *
   * @param isAhead whether the index may show more than the page: then a whole row may be older than the document it replaces
   */
  async before(changes: Changes, isAhead: boolean): Promise<Map<string, DocumentContent>> {
    const before = new Map<string, DocumentContent>()
    const unknown: string[] = []
    for (const { text, operations } of changes.byKey.values()) {
      if (!dependsOnDocument(operations, isAhead)) continue
      const own = this.written.get(text)
      if (own) before.set(text, own)
      else unknown.push(text)
    }
    const stored = await readDocuments(this.client, this.index, unknown.map(documentId))
    for (const text of unknown) {
      const document = stored.get(documentId(text))
      if (document) before.set(text, contentOf(this.definition, document))
    }
    return before
  }

  /** Notes what was written; the oldest writes are forgotten. */
  remember(contents: ReadonlyMap<string, DocumentContent>): void {
    for (const [text, content] of contents) {
      this.written.delete(text) // so that it comes last
      this.written.set(text, content)
    }
    for (const text of this.written.keys()) {
      if (this.written.size <= mostRemembered) return
      this.written.delete(text)
    }
  }

  /** If a document may be another than the one that was to be written. */
  forget(): void {
    this.written.clear()
  }
}

/** A set or a removal needs nothing of a document that is older; a recompute is newer than any. */
function dependsOnDocument([first]: KeyOperations['operations'], isAhead: boolean): boolean {
  if (first?.kind === 'patch' || first?.kind === 'fold') return true
  return isAhead && first?.kind !== 'recompute'
}

/** What a document keeps of its key. */
export function contentOf({ columns }: Definition, document: StoredDocument): DocumentContent {
  const { ordinal, snapshot, deleted, source } = document
  return {
    row: deleted ? undefined : rowOfDocument(columns, source),
    ordinal: Number(ordinal),
    snapshot: snapshot === undefined ? undefined : parseSnapshot(snapshot),
  }
}
