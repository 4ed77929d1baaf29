import { copyOut } from '../database/copy-out.ts'
import { rowsByKey } from '../definition/rows.ts'
import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import type { FrozenRows } from '../materializer.ts'
import { withNeeded } from '../query/chosen.ts'
import { qualified } from '../sql.ts'
import { Ahead } from '../verify/ahead.ts'
import type { Chunk } from './chunk.ts'
import { addStandIns, copyStatement, keepStandIns, standInRows, withStandIns } from './in-relation.ts'
import { IndexRows, readConditions } from './index-rows.ts'
import type { Position } from './position.ts'
import type { ExportPlan } from './request.ts'
import type { RowSource } from './row-export.ts'
import type { ExportFacts, RowFormat } from './row-format.ts'

/** The rows of a target at the snapshot of a position. It holds a transaction of PostgreSQL open until it is closed. */
export class PositionRows implements RowSource {
  readonly facts: ExportFacts
  written = 0
  private readonly definition: Definition
  private readonly position: Position
  private readonly plan: ExportPlan

  constructor(definition: Definition, position: Position, plan: ExportPlan) {
    const { generation, asOf, snapshot, degraded } = position
    this.facts = { target: generation.target, asOf, snapshot, degraded }
    this.definition = definition
    this.position = position
    this.plan = plan
  }

  /** The documents are asked for at once, so that a condition which the index cannot take is refused before any row. */
  rows(format: RowFormat, chunk: Chunk): AsyncIterable<void> {
    const { frozen } = this.position
    return this.parts(format, chunk, frozen && this.fromIndex(frozen, format, chunk))
  }

  async close(): Promise<void> {
    await this.position.close()
  }

  private async *parts(
    format: RowFormat,
    chunk: Chunk,
    fromIndex: AsyncIterable<void> | undefined,
  ): AsyncGenerator<void> {
    const { client, standIns, ahead, generation } = this.position
    const isBehind = standIns.keys.size > 0 || (ahead?.wheres.length ?? 0) > 0
    if (isBehind) await keepStandIns(client, this.definition, standIns)
    if (fromIndex) yield* fromIndex
    const stored = qualified('trifold', generation.storage)
    const copied = (source: string) => this.copied(source, format, chunk)
    if (isBehind) yield* copied(fromIndex ? standInRows : withStandIns(this.definition, stored))
    else if (!fromIndex) yield* copied(stored)
  }

  private fromIndex(frozen: FrozenRows, format: RowFormat, chunk: Chunk): AsyncIterable<void> {
    const { definition, plan, position } = this
    const ahead = position.ahead ?? new Ahead(definition)
    const { standIns } = position
    const { target } = this.facts
    const rows = new IndexRows({ definition, target }, plan.columns, format.values(chunk), { standIns, ahead })
    const conditions = readConditions(definition, plan.conditions, ahead.wheres)
    const pages = frozen.select?.(conditions, withNeeded(plan.columns, definition.key), rows)
    if (!pages) throw new TrifoldError('QUERY_UNSUPPORTED', `export: ${target} cannot be exported`)
    return this.selected(pages, rows)
  }

  private async *selected(pages: AsyncIterable<void>, rows: IndexRows): AsyncGenerator<void> {
    const { client } = this.position
    for await (const _ of pages) {
      this.written = rows.written
      yield
    }
    const keys = [...rows.recomputed.values()]
    const recomputed = await rowsByKey(client, { definition: this.definition }, keys)
    await addStandIns(client, this.definition, [...recomputed.values()])
  }

  private async *copied(source: string, format: RowFormat, chunk: Chunk): AsyncGenerator<void> {
    const write = format.rows(chunk)
    const onRow = (row: Buffer) => {
      write(row)
      this.written += 1
    }
    for await (const _ of copyOut(this.position.client, copyStatement(source, this.plan, format), onRow)) yield
  }
}
