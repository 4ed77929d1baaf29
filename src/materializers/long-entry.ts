import type pg from 'pg'
import { definitionSource } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import type { TargetContext } from '../materializer.ts'
import { quoteIdent, sqlState } from '../sql.ts'

/** PostgreSQL's code of an entry that is longer than an index holds. */
const tooLong = '54000'

/**
 * Throws, in the place of PostgreSQL's refusal of a long index entry, one that names column and row: the longest value among
 * the columns of the declared indexes.
 *
 * @param client its transaction has ended
 * @throws VALUE_INVALID
 */
export async function explainLongEntry(client: pg.ClientBase, context: TargetContext, error: unknown): Promise<void> {
  if (sqlState(error) !== tooLong) return
  const { definition, model } = context
  const indexed = new Set((model.indexes ?? []).flat().map((term) => term.trim().split(/\s+/)[0]))
  const found: { name: string; row: Record<string, string> | undefined }[] = []
  for (const { name } of definition.columns.filter((column) => indexed.has(column.name))) {
    const keys = definition.key.map((column) => `${quoteIdent(column.name)}::text as ${quoteIdent(column.name)}`)
    const { rows } = await client.query(
      `select octet_length(${quoteIdent(name)}::text)::text as _bytes, ${keys.join(', ')}
      from ${definitionSource(definition)} as definition
      order by octet_length(${quoteIdent(name)}::text) desc nulls last
      limit 1`,
    )
    found.push({ name, row: rows[0] })
  }
  const bytesOf = ({ row }: (typeof found)[number]) => Number(row?._bytes ?? 0)
  const longest = found.sort((a, b) => bytesOf(b) - bytesOf(a))[0]
  if (!longest?.row) return
  const key = definition.key.map(({ name }) => `${name} ${longest.row?.[name]?.slice(0, 80)}`).join(', ')
  throw new TrifoldError(
    'VALUE_INVALID',
    `definition: the column ${longest.name} of the row with ${key} in ${definition.readModel} is too long for an index ` +
      `(${longest.row._bytes} bytes): ${(error as Error).message}; take it out of \`indexes\`, or index a shorter column (left(${longest.name}, 500))`,
    { cause: error, details: { readModel: definition.readModel, column: longest.name, key } },
  )
}
