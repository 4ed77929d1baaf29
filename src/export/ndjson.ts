import { invalidValue } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import { quoteIdent } from '../sql.ts'
import type { RowFormat } from './row-format.ts'
import { byName, copiedValues, type RowTexts, rowCollector } from './row-values.ts'

/** A row for each line, with the values that `find` gives: a `numeric` is a text, so that no digit is lost. */
export function ndjsonFormat(definition: Definition, columns: readonly Column[]): RowFormat {
  const line = lineOf(definition, columns)
  return {
    header: '',
    copyOptions: '',
    list: columns.map(({ name }) => quoteIdent(name)).join(', '),
    rows: (chunk) => (row) => chunk.addText(line(copiedValues(row))),
    values: (chunk) => rowCollector((values) => chunk.addText(line(values))),
  }
}

/** Makes a line of the values of a row. */
function lineOf(definition: Definition, columns: readonly Column[]): (values: RowTexts) => string {
  const names = columns.map(({ name }, place) => `${place === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  return (values) => {
    let line = ''
    for (let place = 0; place < columns.length; place++)
      line += `${names[place]}${valueJson(definition, columns, place, values)}`
    return `${line}}\n`
  }
}

function valueJson(definition: Definition, columns: readonly Column[], place: number, values: RowTexts): string {
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
