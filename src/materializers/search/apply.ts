import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { atSnapshot } from '../../definition/at-snapshot.ts'
import { keyText } from '../../definition/key.ts'
import { keyOf, keysWhere, rowsByKey } from '../../definition/rows.ts'
import type { Definition } from '../../definition.ts'
import type { Row, Value } from '../../encoding.ts'
import { faultPoint } from '../../fault.ts'
import { tick } from '../../feed/tick.ts'
import type { PageEnd, Snapshot } from '../../feed.ts'
import { moveCursorAlone } from '../../lease/cursor.ts'
import type { Lease } from '../../lease.ts'
import type { Applied, TargetContext } from '../../materializer.ts'
import type { Changes, KeyOperations } from '../../net-change/operations.ts'
import { unseen } from '../../net-change/unseen.ts'
import { netChange, rowAfter } from '../../net-change.ts'
import { indexReader, type ReadIndex } from '../../query/search.ts'
import { currentSnapshot, isCovered } from '../../snapshot.ts'
import { BulkWriter } from './bulk.ts'
import { refreshIndex } from './index-content.ts'
import { writeAlias } from './index-names.ts'
import type { OwnedState } from './index-state.ts'
import { KnownDocuments } from './known-documents.ts'
import { visibleDocuments } from './mapping.ts'
import { type DocumentContent, documentWrite } from './write.ts'

/** A key whose row is read from the definition. */
interface Recompute {
  key: Value[]
  ordinal: number
}

const lost: Applied = { kind: 'lost' }

/**
 * Applies pages to one index under one lease. The index is written outside of PostgreSQL's transaction, so the order of
 * the steps carries the guarantee: the state document names the page before its first document, the cursor moves after
 * its last one, and whatever was interrupted is written again under a higher epoch.
 */
export class SearchApply {
  private readonly client: Client
  private readonly context: TargetContext
  private readonly lease: Lease
  private readonly state: OwnedState
  private readonly bulk: BulkWriter
  private readonly source: ReadIndex
  private readonly known: KnownDocuments
  /** What the index reflects at least: a document's snapshot that it covers need not be remembered. */
  private reflected: Snapshot | undefined

  constructor(client: Client, context: TargetContext, lease: Lease, state: OwnedState) {
    this.client = client
    this.context = context
    this.source = sourceOf(context, lease.generation.storage)
    this.lease = lease
    this.state = state
    this.known = new KnownDocuments(client, lease.generation.storage, context.definition)
    this.bulk = new BulkWriter(client, { index: writeAlias(lease.generation.storage), inFlight: 3, maxCount: 500 })
  }

  async apply(page: PageEnd, changes: Changes, database: pg.ClientBase): Promise<Applied> {
    const { lease } = this
    await faultPoint('search:before-state')
    const isAhead = this.state.isAheadOf(lease.cursor)
    const [owned, before] = await Promise.all([this.state.intend(page), this.known.before(changes, isAhead)])
    if (!owned) return lost
    const documents = await this.contents(changes, before, database)
    if (documents === 'lost') return lost
    await faultPoint('search:before-bulk')
    await this.write(documents)
    await faultPoint('search:before-cursor')
    if (!(await moveCursorAlone(database, lease, page.end))) return lost
    this.state.reached(page.end)
    const passed = this.reflected // the state document names the place before this page: a takeover goes back there
    this.reflected = page.snapshot ?? passed
    await faultPoint('search:after-cursor')
    return { kind: 'applied', written: documents.size, recomputed: false, passed }
  }

  /** A conflict says that a document may be another than the one that was to be written. */
  private async write(documents: Map<string, DocumentContent>): Promise<void> {
    const { conflicts } = await this.bulk.write(writesOf(this.context.definition, documents, this.lease.epoch))
    if (conflicts > 0) this.known.forget()
    else this.known.remember(documents)
  }

  private async contents(
    changes: Changes,
    before: Map<string, DocumentContent>,
    database: pg.ClientBase,
  ): Promise<Map<string, DocumentContent> | 'lost'> {
    const contents = new Map<string, DocumentContent>()
    const recompute = new Map<string, Recompute>()
    for (const operations of changes.byKey.values()) {
      const content = this.contentOf(operations, before.get(operations.text))
      if (content === 'recompute') recompute.set(operations.text, { key: operations.key, ordinal: lastOf(operations) })
      else contents.set(operations.text, content)
    }
    await this.addWheres(changes, recompute)
    if (recompute.size === 0) return contents
    for (const text of recompute.keys()) contents.delete(text)
    return (await this.addRecomputed(recompute, contents, database)) ? contents : 'lost'
  }

  /**
   * The document after its operations. Events at or below the ordinal of the document before are in it already, and those
   * that the snapshot of its recompute shows: readers have seen them, so they are not taken back. It is written all the same,
   * so that no late write of a former owner can land after its events are past.
   */
  private contentOf(operations: KeyOperations, before: DocumentContent | undefined): DocumentContent | 'recompute' {
    const later = before ? operations.operations.filter((one) => one.ordinal > before.ordinal) : operations.operations
    const row = rowAfter(netChange(unseen(later, before?.snapshot)), before?.row)
    if (row === 'recompute') return row
    return {
      row,
      ordinal: Math.max(lastOf(operations), before?.ordinal ?? 0),
      snapshot: this.stillNeeded(before?.snapshot),
    }
  }

  private stillNeeded(snapshot: Snapshot | undefined): Snapshot | undefined {
    return snapshot && this.reflected && isCovered(snapshot, this.reflected) ? undefined : snapshot
  }

  /** The keys that the definition finds now, and those that the index holds now. */
  private async addWheres(changes: Changes, recompute: Map<string, Recompute>): Promise<void> {
    const { definition } = this.context
    if (changes.wheres.length > 0) await refreshIndex(this.client, this.lease.generation.storage)
    for (const { where, ordinal } of changes.wheres) {
      const keys = [...(await keysWhere(this.context.pool, { definition }, where)), ...(await this.keysInIndex(where))]
      for (const key of keys) {
        const text = keyText(definition.key, key)
        const operations = changes.byKey.get(text)
        recompute.set(text, {
          key,
          ordinal: Math.max(ordinal, recompute.get(text)?.ordinal ?? 0, operations ? lastOf(operations) : 0),
        })
      }
    }
  }

  private async keysInIndex(where: Row): Promise<Value[][]> {
    const reader = indexReader(this.client, this.source)
    const keys: Value[][] = []
    let cursor: string | undefined
    do {
      const found = await reader.find({ where, limit: 10_000, deadline: '30s', ...(cursor ? { cursor } : {}) })
      keys.push(...found.rows.map((row) => keyOf(this.context.definition, row)))
      cursor = found.cursor
    } while (cursor)
    return keys
  }

  /**
   * Rows at a snapshot that is newer than the page. Before they leave PostgreSQL a window is stored after that snapshot
   * and named by the state document: nothing is indexed that the database could forget unnoticed. Returns false if
   * the state document has another owner.
   */
  private async addRecomputed(
    recompute: Map<string, Recompute>,
    contents: Map<string, DocumentContent>,
    database: pg.ClientBase,
  ): Promise<boolean> {
    const { snapshot, rows } = await this.rowsNow([...recompute.values()].map(({ key }) => key))
    for (const [text, { ordinal }] of recompute) contents.set(text, { row: rows.get(text), ordinal, snapshot })
    await faultPoint('search:recomputed')
    const { window } = await tick(database, { evenIfEmpty: true })
    await faultPoint('search:ticked')
    return this.state.name(window)
  }

  /** Rows of the definition and the snapshot that they were read at. */
  private async rowsNow(keys: Value[][]): Promise<{ snapshot: Snapshot; rows: Map<string, Row> }> {
    const client = await this.context.pool.connect()
    try {
      const read = async () => ({
        snapshot: await currentSnapshot(client),
        rows: await rowsByKey(client, { definition: this.context.definition }, keys),
      })
      return await atSnapshot(client, this.lease.generation.resolution, 'repeatable read read only', read)
    } finally {
      client.release()
    }
  }
}

/** The index itself: the public alias may be at another one. */
const sourceOf = ({ definition, target }: TargetContext, index: string): ReadIndex => ({
  index,
  filter: visibleDocuments,
  definition,
  target,
  text: [],
})

const lastOf = ({ operations }: KeyOperations): number => operations.at(-1)?.ordinal ?? 0

function* writesOf(definition: Definition, contents: Map<string, DocumentContent>, epoch: number) {
  for (const [id, content] of contents) yield documentWrite(definition, id, epoch, content)
}
