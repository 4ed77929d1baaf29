import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { atSnapshot } from '../definition/at-snapshot.ts'
import { keyText } from '../definition/key.ts'
import { definitionRows, keyOf, keysWhere, rowsByKey } from '../definition/rows.ts'
import { compareDefinition } from '../drift.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { Build } from '../generation/build.ts'
import { moveCursorAlone } from '../lease/cursor.ts'
import type { Lease } from '../lease.ts'
import type { EventFed, TargetContext } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { unseen } from '../net-change/unseen.ts'
import { netChange, rowAfter } from '../net-change.ts'
import { readerOf } from '../query/reader.ts'
import { servingGeneration } from '../schema/generations.ts'
import { currentSnapshot, type Snapshot } from '../snapshot.ts'

/** A materializer for tests: rows in this process, cursor in PostgreSQL. */
export interface MemoryMaterializer extends EventFed {
  /** The rows by key text. */
  readonly rows: ReadonlyMap<string, Row>
}

/**
 * Keeps a read model in the memory of one process: net changes and recomputes without an engine. A new process builds it
 * again. It answers no queries: read its `rows`.
 */
export function createMemoryMaterializer(context: TargetContext): MemoryMaterializer {
  const memory = new Memory(context)
  const refuse = () => {
    throw new TrifoldError('QUERY_UNSUPPORTED', `memory: ${context.target} answers no queries; read its \`rows\``)
  }
  return {
    context,
    rows: memory.rows,
    features: { fullText: false, transactional: false, namedInSql: false },
    settings: {},
    fedBy: 'events',
    async prepare() {
      const generation = await servingGeneration(context.pool, context.target)
      if (generation && generation.id === memory.generation) {
        const newer = await compareDefinition(context.pool, generation, context.definition)
        return newer ? { state: 'unfit', reason: newer } : { state: 'ready', generation }
      }
      return { state: 'unfit', reason: 'this process does not hold its rows' }
    },
    build: () => memory.build(),
    drop: async () => true,
    begin: async () => undefined,
    async apply(page, changes, lease, client) {
      const changed = await memory.changed(changes, lease)
      if (!(await moveCursorAlone(client, lease, page.end))) return { kind: 'lost' }
      memory.keep(changed)
      return { kind: 'applied', written: changed.rows.size, recomputed: false, passed: page.snapshot }
    },
    ...readerOf({
      checkFind: refuse,
      checkSummarize: refuse,
      checkSuggest: refuse,
      restricted: refuse,
      storedRows: refuse,
      letGo: refuse,
    }),
    status: async () => ({ storage: 'memory', rows: memory.rows.size, sizeBytes: undefined }),
    close: async () => memory.rows.clear(),
  }
}

/** The rows after a page by key text (undefined if a row is gone), and the keys that were recomputed. */
interface Changed {
  rows: Map<string, Row | undefined>
  recomputed: { keys: string[]; snapshot: Snapshot } | undefined
}

class Memory {
  /** The generation whose rows are held. */
  generation: string | undefined
  readonly rows = new Map<string, Row>()
  private readonly context: TargetContext
  private readonly snapshots = new Map<string, Snapshot>()

  constructor(context: TargetContext) {
    this.context = context
  }

  /** The copy is held beside the rows that serve until it is published. */
  build(): Build {
    let copied: ReadonlyMap<string, Row> = new Map()
    return {
      run: (work) => this.withClient(work),
      check: async () => {},
      storageOf: (number) => `memory_g${number}`,
      create: async () => {},
      copy: async (client) => {
        copied = await definitionRows(client, this.context.definition)
        return copied.size
      },
      publish: async (client, generation, commit) => {
        await inTransaction(client, commit)
        this.hold(copied)
        this.generation = generation.id
      },
    }
  }

  /** What a page changes. */
  async changed(changes: Changes, lease: Lease): Promise<Changed> {
    const rows: Changed['rows'] = new Map()
    const recompute = new Map<string, Value[]>()
    for (const { key, text, operations } of changes.byKey.values()) {
      const change = netChange(unseen(operations, this.snapshots.get(text), lease.buildSnapshot))
      const before = this.rows.get(text)
      if (change.kind === 'set') rows.set(text, change.row)
      else if (change.kind === 'remove') rows.set(text, undefined)
      else if (change.kind === 'patch' && before) rows.set(text, { ...before, ...change.columns })
      else if (change.kind === 'derive') {
        const next = rowAfter(change, before)
        if (next === 'recompute') recompute.set(text, key)
        else rows.set(text, next)
      } else if (change.kind !== 'none') recompute.set(text, key)
    }
    const isRecomputed = changes.wheres.length > 0 || recompute.size > 0
    return { rows, recomputed: isRecomputed ? await this.recompute(changes, recompute, rows, lease) : undefined }
  }

  /** Keeps what a page has changed, once the cursor has moved behind it. */
  keep({ rows, recomputed }: Changed): void {
    for (const [key, row] of rows) row ? this.rows.set(key, row) : this.rows.delete(key)
    for (const key of recomputed?.keys ?? []) this.snapshots.set(key, (recomputed as { snapshot: Snapshot }).snapshot)
  }

  private hold(rows: ReadonlyMap<string, Row>): void {
    this.rows.clear()
    this.snapshots.clear()
    for (const [key, row] of rows) this.rows.set(key, row)
  }

  private async recompute(
    changes: Changes,
    recompute: Map<string, Value[]>,
    changed: Changed['rows'],
    lease: Lease,
  ): Promise<Changed['recomputed']> {
    const { definition } = this.context
    const read = async (client: pg.ClientBase) => {
      const snapshot = await currentSnapshot(client)
      for (const { where } of changes.wheres) {
        const held = [...this.rows.values()].filter((row) =>
          Object.entries(where).every(([name, value]) => row[name] === value),
        )
        const keys = [...(await keysWhere(client, { definition }, where)), ...held.map((row) => keyOf(definition, row))]
        for (const key of keys) recompute.set(keyText(definition.key, key), key)
      }
      const fresh = await rowsByKey(client, { definition }, [...recompute.values()])
      for (const text of recompute.keys()) changed.set(text, fresh.get(text))
      return { keys: [...recompute.keys()], snapshot }
    }
    return this.withClient((client) =>
      atSnapshot(client, lease.generation.resolution, 'repeatable read read only', () => read(client)),
    )
  }

  private async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.context.pool.connect()
    try {
      return await work(client)
    } finally {
      client.release()
    }
  }
}
