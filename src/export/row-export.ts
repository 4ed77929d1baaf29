import { copyOut } from '../database/copy-out.ts'
import { rowsByKey } from '../definition/rows.ts'
import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import type { FrozenRows } from '../materializer.ts'
import { refusedInWords } from '../observe.ts'
import { withNeeded } from '../query/chosen.ts'
import { qualified } from '../sql.ts'
import { Ahead } from '../verify/ahead.ts'
import { Chunk } from './chunk.ts'
import type { ExportFormat, FormatOf } from './format.ts'
import { addStandIns, copyStatement, keepStandIns, standInRows, withStandIns } from './in-relation.ts'
import { IndexRows, readConditions } from './index-rows.ts'
import type { Position } from './position.ts'
import type { ExportPlan } from './request.ts'
import type { RowFormat } from './row-format.ts'

interface Writing {
  format: ExportFormat
  formatOf: FormatOf
  signal: AbortSignal | undefined
}

/**
 * The rows of a target at one snapshot, as the bytes of a file: `for await (const chunk of exported)`, or
 * `pipeline(exported, file)` of `node:stream/promises`. It ends only if all rows were given; else it throws. Until it ends,
 * or {@link close} is called, it holds a transaction of PostgreSQL open.
 */
export class RowExport implements AsyncIterable<Uint8Array> {
  /** `order_summary@table` */
  readonly target: string
  readonly format: ExportFormat
  readonly columns: readonly string[]
  /** The rows are complete up to this time of the database's clock: ISO 8601 in UTC. */
  readonly asOf: string
  /** The snapshot that they are of, as PostgreSQL writes it. */
  readonly snapshot: string
  /** Whether rows may lack an event that was parked, because nobody knows its keys. */
  readonly degraded: boolean
  private given = 0
  private state: 'open' | 'read' | 'complete' | 'closed' = 'open'
  readonly definition: Definition
  private readonly position: Position
  private readonly plan: ExportPlan
  private readonly rowFormat: RowFormat
  private readonly chunk = new Chunk()
  private readonly signal: AbortSignal | undefined

  constructor(definition: Definition, position: Position, plan: ExportPlan, { format, formatOf, signal }: Writing) {
    const { asOf, snapshot, degraded } = position
    const facts = { target: position.generation.target, asOf, snapshot, degraded }
    this.target = facts.target
    this.format = format
    this.columns = plan.columns.map(({ name }) => name)
    this.asOf = asOf
    this.snapshot = snapshot
    this.degraded = degraded
    this.definition = definition
    this.position = position
    this.plan = plan
    this.rowFormat = formatOf(definition, plan.columns, facts)
    this.signal = signal
    signal?.addEventListener('abort', this.abort, { once: true })
  }

  /** Rows that were given so far; all of them once it has ended. */
  get rows(): number {
    return this.given
  }

  /** Whether all rows were given. */
  get isComplete(): boolean {
    return this.state === 'complete'
  }

  /** @throws EXPORT_IMPOSSIBLE if it was begun or closed before: each export gives its rows once */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.state !== 'open')
      throw new TrifoldError('EXPORT_IMPOSSIBLE', `export: the rows of ${this.target} were given; open another export`)
    this.state = 'read'
    const chunks = this.chunks()
    try {
      for (;;) {
        this.signal?.throwIfAborted()
        const next = await refusedInWords(chunks.next()).catch((error) => {
          this.signal?.throwIfAborted()
          throw error
        })
        if (next.done) break
        yield next.value
      }
      this.state = 'complete'
    } finally {
      await this.close()
    }
  }

  /** Gives up what was not read. It does nothing after the end. */
  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.abort)
    if (this.state !== 'complete') this.state = 'closed'
    await this.position.close()
  }

  private readonly abort = (): void => {
    this.position.close().catch(() => {}) // the rows end with the reason of the signal
  }

  private async *chunks(): AsyncGenerator<Uint8Array> {
    const { client, standIns, ahead, frozen, generation } = this.position
    const fromIndex = frozen && this.fromIndex(frozen)
    if (this.rowFormat.header !== '') yield Buffer.from(this.rowFormat.header)
    const isBehind = standIns.keys.size > 0 || (ahead?.wheres.length ?? 0) > 0
    if (isBehind) await keepStandIns(client, this.definition, standIns)
    if (fromIndex) yield* fromIndex
    const stored = qualified('trifold', generation.storage)
    if (isBehind) yield* this.copied(frozen ? standInRows : withStandIns(this.definition, stored))
    else if (!frozen) yield* this.copied(stored)
    this.rowFormat.end?.(this.chunk, this.given)
    yield* this.written()
  }

  private *written(): Generator<Uint8Array> {
    if (this.chunk.length > 0) yield this.chunk.take()
  }

  /** The documents are asked for at once, so that a condition which the index cannot take is refused before any row. */
  private fromIndex(frozen: FrozenRows): AsyncGenerator<Uint8Array> {
    const { definition, plan, position } = this
    const ahead = position.ahead ?? new Ahead(definition)
    const { standIns } = position
    const rows = new IndexRows(this, plan.columns, this.rowFormat.values(this.chunk), { standIns, ahead })
    const conditions = readConditions(definition, plan.conditions, ahead.wheres)
    const pages = frozen.select?.(conditions, withNeeded(plan.columns, definition.key), rows)
    if (!pages) throw new TrifoldError('QUERY_UNSUPPORTED', `export: ${this.target} cannot be exported`)
    return this.selected(pages, rows)
  }

  private async *selected(pages: AsyncIterable<void>, rows: IndexRows): AsyncGenerator<Uint8Array> {
    const { client } = this.position
    for await (const _ of pages) {
      this.given = rows.written
      yield* this.written()
    }
    const keys = [...rows.recomputed.values()]
    const recomputed = await rowsByKey(client, { definition: this.definition }, keys)
    await addStandIns(client, this.definition, [...recomputed.values()])
  }

  private async *copied(source: string): AsyncGenerator<Uint8Array> {
    const write = this.rowFormat.rows(this.chunk)
    const onRow = (row: Buffer) => {
      write(row)
      this.given += 1
    }
    for await (const _ of copyOut(this.position.client, copyStatement(source, this.plan, this.rowFormat), onRow))
      yield* this.written()
  }
}
