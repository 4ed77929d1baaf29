import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { invalidValue } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import { quoteIdent } from '../sql.ts'
import type { Chunk } from './chunk.ts'
import { NoForm, type ParquetField, parquetField } from './parquet-field.ts'
import type { ExportFacts, RowFormat } from './row-format.ts'
import { byName, copiedValues, type RowTexts, rowCollector } from './row-values.ts'

/** A row group is written once its values are of so many bytes: in memory they take fifty times as much until they are written. */
const bytesPerGroup = 512 * 1024

/** What a value takes besides its text. */
const bytesPerValue = 16

/** Parquet, row group by row group, with the types of PostgreSQL; what is known of the export stands in its metadata. */
export function parquetFormat(definition: Definition, columns: readonly Column[], facts: ExportFacts): RowFormat {
  const file = new ParquetFile(definition, columns, facts)
  return {
    header: '',
    copyOptions: '',
    list: columns.map(({ name }) => quoteIdent(name)).join(', '),
    rows: (chunk) => (row) => file.add(copiedValues(row), chunk),
    values: (chunk) => rowCollector((values) => file.add(values, chunk)),
    end: (chunk, rows) => file.end(chunk, rows),
  }
}

class ParquetFile {
  private readonly definition: Definition
  private readonly columns: readonly Column[]
  private readonly facts: ExportFacts
  private readonly fields: readonly ParquetField[]
  private readonly bytes = new ByteWriter()
  private readonly writer: ParquetWriter
  /** By column: the values of the row group that is being collected. */
  private data: unknown[][]
  private size = 0

  constructor(definition: Definition, columns: readonly Column[], facts: ExportFacts) {
    this.definition = definition
    this.columns = columns
    this.facts = facts
    this.fields = columns.map(({ name, encoding }) => parquetField(name, encoding))
    const root = { name: 'root', num_children: columns.length }
    const schema = [root, ...this.fields.flatMap(({ elements }) => elements)]
    this.writer = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'trifold' })
    this.data = columns.map(() => [])
  }

  add(values: RowTexts, chunk: Chunk): void {
    for (let place = 0; place < this.columns.length; place++) {
      this.data[place]?.push(this.valueOf(place, values))
      this.size += (values[place]?.length ?? 0) + bytesPerValue
    }
    if (this.size >= bytesPerGroup) this.writeGroup(chunk)
  }

  end(chunk: Chunk, rows: number): void {
    this.writeGroup(chunk)
    const facts = Object.entries({ ...this.facts, rows })
    this.writer.kvMetadata = facts.map(([name, value]) => ({ key: `trifold.${name}`, value: String(value) }))
    this.writer.finish()
    this.moveBytes(chunk)
  }

  private writeGroup(chunk: Chunk): void {
    const rows = (this.data[0] as unknown[]).length
    if (rows === 0) return
    const columnData = this.columns.map(({ name }, place) => ({ name, data: this.data[place] as unknown[] }))
    this.writer.write({ columnData, rowGroupSize: rows })
    this.data = this.columns.map(() => [])
    this.size = 0
    this.moveBytes(chunk)
  }

  private moveBytes(chunk: Chunk): void {
    const { length } = this.bytes.getBytes()
    chunk.add(Buffer.from(this.bytes.buffer), 0, length)
    this.bytes.index = 0
  }

  private valueOf(place: number, values: RowTexts): unknown {
    const text = values[place] ?? null
    if (text === null) return null
    const { name, encoding } = this.columns[place] as Column
    try {
      return this.fields[place]?.of(encoding.decode(text))
    } catch (cause) {
      if (cause instanceof NoForm) throw this.noForm(name, cause)
      throw invalidValue(this.definition, name, byName(this.columns, values), cause as Error)
    }
  }

  private noForm(name: string, cause: NoForm): TrifoldError {
    return new TrifoldError(
      'EXPORT_IMPOSSIBLE',
      `export: a value of ${name} in ${this.facts.target}: ${cause.message}; export CSV or NDJSON, leave the column out ` +
        '(`columns`), or keep such rows out (`where`)',
      { cause },
    )
  }
}
