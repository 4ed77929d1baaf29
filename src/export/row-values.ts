import type { ValueWriter } from './row-format.ts'

/** The values of a row as PostgreSQL writes them, in the order of the columns; null for a missing one. */
export type RowTexts = readonly (string | null)[]

/** Gives each row that is written value by value to `take`, which must not keep it. */
export function rowCollector(take: (values: RowTexts) => void): ValueWriter {
  const values: (string | null)[] = []
  const dropRow = () => {
    values.length = 0
  }
  return {
    none: () => values.push(null),
    bytes: (source, start, end) => values.push(source.toString('utf8', start, end)),
    text: (value) => values.push(value),
    endOfRow() {
      take(values)
      dropRow()
    },
    dropRow,
  }
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The values of a row of `copy` in its text format. */
export function copiedValues(row: Buffer): RowTexts {
  const parts = row.toString('utf8', 0, row.length - 1).split('\t')
  return parts.map((part) =>
    part === '\\N' ? null : part.includes('\\') ? part.replace(/\\(.)/gs, (_, sign) => escapes[sign] ?? sign) : part,
  )
}

/** For the message about a value. */
export const byName = (columns: readonly { name: string }[], values: RowTexts): Record<string, string | null> =>
  Object.fromEntries(columns.map(({ name }, place) => [name, values[place] ?? null]))
