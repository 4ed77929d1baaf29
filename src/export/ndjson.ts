import { invalidValue } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import { quoteIdent } from '../sql.ts'
import type { Chunk } from './chunk.ts'
import type { RowFormat, ValueWriter } from './row-format.ts'

/** A row for each line, with the values that `find` gives: a `numeric` is a text, so that no digit is lost. */
export const ndjsonFormat = (definition: Definition, columns: readonly Column[]): RowFormat => ({
  header: '',
  copyOptions: '',
  list: columns.map(({ name }) => quoteIdent(name)).join(', '),
  rows(chunk) {
    const line = lineOf(definition, columns)
    return (row) => chunk.addText(line(valuesOf(row)))
  },
  values: (chunk) => lineWriter(chunk, lineOf(definition, columns)),
})

function lineWriter(chunk: Chunk, line: (values: readonly (string | null)[]) => string): ValueWriter {
  const values: (string | null)[] = []
  const dropRow = () => {
    values.length = 0
  }
  return {
    none: () => values.push(null),
    bytes: (source, start, end) => values.push(source.toString('utf8', start, end)),
    text: (value) => values.push(value),
    endOfRow() {
      chunk.addText(line(values))
      dropRow()
    },
    dropRow,
  }
}

/** Makes a line of the values as PostgreSQL writes them, null for a missing one. */
function lineOf(definition: Definition, columns: readonly Column[]): (values: readonly (string | null)[]) => string {
  const names = columns.map(({ name }, place) => `${place === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  return (values) => {
    let line = ''
    for (let place = 0; place < columns.length; place++)
      line += `${names[place]}${valueJson(definition, columns, place, values)}`
    return `${line}}\n`
  }
}

function valueJson(
  definition: Definition,
  columns: readonly Column[],
  place: number,
  values: readonly (string | null)[],
): string {
  const text = values[place] ?? null
  const { name, encoding } = columns[place] as Column
  if (text === null) return 'null'
  try {
    const value = encoding.decode(text)
    // Minus zero keeps its sign, and a jsonb its digits.
    return encoding.read || typeof value === 'number' ? encoding.text(value) : JSON.stringify(value)
  } catch (cause) {
    throw invalidValue(definition, name, byName(columns, values), cause as Error)
  }
}

const byName = (columns: readonly Column[], values: readonly (string | null)[]): Record<string, string | null> =>
  Object.fromEntries(columns.map(({ name }, place) => [name, values[place] ?? null]))

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The values of a row of `copy` in its text format. */
function valuesOf(row: Buffer): (string | null)[] {
  const parts = row.toString('utf8', 0, row.length - 1).split('\t')
  return parts.map((part) =>
    part === '\\N' ? null : part.includes('\\') ? part.replace(/\\(.)/gs, (_, sign) => escapes[sign] ?? sign) : part,
  )
}
