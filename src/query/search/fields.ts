import type { Column } from '../../definition.ts'
import type { Encoding, Row, Value } from '../../encoding.ts'
import type { TextLanguage } from '../../read-model/text-language.ts'

/** Where a document has the second fields of columns whose own field is not exact. */
export const exactFields = '_exact'

/** Where a document has the values whose own field holds something in their place, in PostgreSQL's text form. */
export const storedValues = '_stored'

/** The fields in which full text is searched: the second has the whole of a long text. */
export const textFields = (column: string): readonly [string, string] => [`${column}.text`, `${storedValues}.${column}`]

/** The fields that have every two words of a column that follow each other, as one. */
export const joinedFields = (column: string): readonly [string, string] => [
  `${column}.joined`,
  `${storedValues}.${column}.joined`,
]

/** The sub-field of a text that has it in lower case. */
export const ignoringCaseField = 'ignoring_case'

/** The name of the analyzer that gives the common forms of the words of a language. */
export const stemsAnalyzer = (language: TextLanguage): string => `trifold_stems_${language}`

type Field = Pick<Column, 'name' | 'encoding'>

/** The field that conditions, orders and groups of a column use. */
export const queryField = ({ name, encoding }: Field): string => (encoding.exact ? `${exactFields}.${name}` : name)

/** The type of that field. */
export const queryType = ({ encoding }: Field): string => (encoding.exact ?? encoding).mapping.type as string

/** What that field holds for a value; of an array, for an element. */
export function queryValue({ encoding }: Field, value: Value): Value {
  const { exact, term } = encoding.element ?? encoding
  if (exact) return exact.of(value)
  return term ? term(value) : value
}

/** The members of a row's document, apart from the bookkeeping. */
export function documentFields(columns: readonly Field[], row: Row): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...row }
  const exact: Record<string, unknown> = {}
  const stored: Record<string, string> = {}
  for (const { name, encoding } of columns) {
    const value = row[name]
    if (value === null || value === undefined) continue
    if (encoding.exact) exact[name] = exactOf(encoding, value)
    const term = encoding.term ? encoding.term(value) : value
    if (Object.is(term, value)) continue
    fields[name] = term
    stored[name] = encoding.text(value)
  }
  if (Object.keys(exact).length > 0) fields[exactFields] = exact
  if (Object.keys(stored).length > 0) fields[storedValues] = stored
  return fields
}

function exactOf({ exact, element }: Encoding, value: Value): unknown {
  const of = exact?.of as (item: Value) => unknown
  return element ? (value as Value[]).filter((item) => item !== null).map(of) : of(value)
}

/** The members of a document that {@link rowOfDocument} reads. */
export const sourceOf = (columns: readonly Field[]): string[] => [
  ...columns.map(({ name }) => name),
  ...columns.filter(({ encoding }) => encoding.term).map(({ name }) => `${storedValues}.${name}`),
]

/** The row of a document, in canonical form. */
export function rowOfDocument(columns: readonly Field[], source: Record<string, unknown>): Row {
  const stored = (source[storedValues] ?? {}) as Record<string, string>
  const row: Row = {}
  for (const { name, encoding } of columns) {
    const text = stored[name]
    row[name] = text === undefined ? readValue(encoding, source[name] as Value | undefined) : encoding.decode(text)
  }
  return row
}

/** The canonical value of what a column's own field holds. @throws VALUE_INVALID */
export function readValue(encoding: Encoding, value: Value | undefined): Value {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map((item) => readValue(encoding.element as Encoding, item)) as Value
  return typeof value === 'string' ? encoding.decode(value) : value
}
