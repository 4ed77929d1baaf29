import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import { refusedInWords } from '../observe.ts'
import { Chunk } from './chunk.ts'
import type { ExportFormat, FormatOf } from './format.ts'
import type { ExportPlan } from './request.ts'
import type { ExportFacts, RowFormat } from './row-format.ts'

/** Where the rows of an export come from. */
export interface RowSource {
  readonly facts: ExportFacts
  /** Rows that were written so far. */
  readonly written: number
  /** Writes all rows, one part before each turn. What it cannot give at all it refuses at once. */
  rows(format: RowFormat, chunk: Chunk): AsyncIterable<void>
  /** Gives up what was not read. */
  close(): Promise<void>
}

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
  private state: 'open' | 'read' | 'complete' | 'closed' = 'open'
  readonly definition: Definition
  private readonly source: RowSource
  private readonly rowFormat: RowFormat
  private readonly chunk = new Chunk()
  private readonly signal: AbortSignal | undefined

  constructor(
    definition: Definition,
    source: RowSource,
    { columns }: ExportPlan,
    { format, formatOf, signal }: Writing,
  ) {
    const { target, asOf, snapshot, degraded } = source.facts
    this.target = target
    this.format = format
    this.columns = columns.map(({ name }) => name)
    this.asOf = asOf
    this.snapshot = snapshot
    this.degraded = degraded
    this.definition = definition
    this.source = source
    this.rowFormat = formatOf(definition, columns, source.facts)
    this.signal = signal
    signal?.addEventListener('abort', this.abort, { once: true })
  }

  /** Rows that were given so far; all of them once it has ended. */
  get rows(): number {
    return this.source.written
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
    await this.source.close()
  }

  private readonly abort = (): void => {
    this.source.close().catch(() => {}) // the rows end with the reason of the signal
  }

  private async *chunks(): AsyncGenerator<Uint8Array> {
    const rows = this.source.rows(this.rowFormat, this.chunk)
    if (this.rowFormat.header !== '') yield Buffer.from(this.rowFormat.header)
    for await (const _ of rows) yield* this.collected()
    this.rowFormat.end?.(this.chunk, this.source.written)
    yield* this.collected()
  }

  private *collected(): Generator<Uint8Array> {
    if (this.chunk.length > 0) yield this.chunk.take()
  }
}
