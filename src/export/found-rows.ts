import type pg from 'pg'
import { copyOut } from '../database/copy-out.ts'
import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import type { Find, Found } from '../query/request.ts'
import type { Chunk } from './chunk.ts'
import { addStandIns, createRows, standInRows } from './in-relation.ts'
import type { ExportPlan, ExportRequest } from './request.ts'
import type { RowSource } from './row-export.ts'
import type { ExportFacts, RowFormat } from './row-format.ts'

/** Rows of a page; how long its pages are held, and may take. */
const paging = { limit: 5_000, hold: '5m', deadline: '5m' } as const

/** What the rows are asked of. */
export interface FoundRowsOptions {
  definition: Definition
  plan: ExportPlan
  /** Opens a connection to PostgreSQL, which writes the values. */
  connect(): Promise<pg.Client>
  /** Answers a request to find, with rows in canonical form. */
  ask(request: Find): Promise<Found>
  /** Lets go of the pages behind a cursor. */
  letGo(cursor: string): Promise<void>
}

/** The rows that an index finds, in the order in which it shows them: all pages of a request to find, held still. */
export class FoundRows implements RowSource {
  readonly facts: ExportFacts
  written = 0
  private readonly options: FoundRowsOptions
  private readonly request: Find
  private readonly first: Found
  private client: pg.Client | undefined
  /** Where the pages go on that are still held. */
  private next: string | undefined

  private constructor(options: FoundRowsOptions, request: Find, first: Found, facts: ExportFacts) {
    this.options = options
    this.request = request
    this.first = first
    this.next = first.cursor
    this.facts = facts
  }

  /** Asks for the first page. @throws as `find`; EXPORT_IMPOSSIBLE if nobody knows how old the rows are */
  static async open(options: FoundRowsOptions, { after, timeout, ...asked }: ExportRequest): Promise<FoundRows> {
    const request: Find = { ...asked, ...paging }
    const waiting = { ...(after && { after }), ...(timeout !== undefined && { timeout }) }
    const first = await options.ask({ ...request, ...waiting })
    const { target, asOf, snapshot, degraded = false } = first
    if (asOf !== undefined && snapshot !== undefined)
      return new FoundRows(options, request, first, { target, asOf, snapshot, degraded })
    throw new TrifoldError(
      'EXPORT_IMPOSSIBLE',
      `export: ${target} reflects nothing yet of the history since a failover; export it again`,
    )
  }

  async *rows(format: RowFormat, chunk: Chunk): AsyncGenerator<void> {
    const { definition, plan, connect, ask } = this.options
    this.client = await connect()
    await this.client.query('begin')
    await createRows(this.client, definition, plan.columns)
    for (let page = this.first; ; ) {
      yield* this.copied(page, format, chunk)
      if (this.next === undefined) return
      page = await ask({ ...this.request, cursor: this.next })
      this.next = page.cursor
    }
  }

  /** The server writes the values of a page, so that they are as in every other export. */
  private async *copied({ rows }: Found, format: RowFormat, chunk: Chunk): AsyncGenerator<void> {
    const { client, options } = this
    if (!client || rows.length === 0) return
    await addStandIns(client, options.plan, rows)
    const write = format.rows(chunk)
    const onRow = (row: Buffer) => {
      write(row)
      this.written += 1
    }
    const statement = `copy (select ${format.list} from ${standInRows} order by ctid) to stdout${format.copyOptions}`
    for await (const _ of copyOut(client, statement, onRow)) yield
    await client.query(`truncate ${standInRows}`)
  }

  async close(): Promise<void> {
    if (this.next !== undefined) await this.options.letGo(this.next)
    this.next = undefined
    await this.client?.end()
  }
}
