import type pg from 'pg'
import type { Definition } from '../definition.ts'
import { quoteIdent } from '../sql.ts'
import { keyText, longestKey } from './key.ts'
import { columnList, decodeRow, keyOf, type Part } from './rows.ts'

/** The condition that all rows fulfil which a read model cannot hold, or undefined if its types hold every value. */
export function suspectSql(definition: Definition): string | undefined {
  const values = definition.columns.map(({ name, encoding }) => encoding.suspectSql?.(quoteIdent(name)))
  const conditions = [...values, longKeySql(definition)].filter((condition) => condition !== undefined)
  return conditions.length === 0 ? undefined : `(${conditions.join('\n    or ')})`
}

function longKeySql({ key }: Definition): string | undefined {
  const lengths = key
    .filter(({ encoding }) => ['text', 'bytea', 'numeric'].includes(encoding.pgType) || encoding.element)
    .map(({ name }) => `octet_length(${quoteIdent(name)}::text)`)
  return lengths.length === 0 ? undefined : `${lengths.join(' + ')} > ${longestKey}`
}

const rowsPerFetch = 1_000

/**
 * Refuses what was copied from a definition inside the database: the same values, with the same words, as where rows
 * pass through JavaScript. Within a transaction.
 *
 * @param relation quoted and qualified
 * @param part the rows that are looked at; default all
 * @throws VALUE_INVALID naming read model, column and key
 */
export async function refuseValues(
  client: pg.ClientBase,
  definition: Definition,
  relation: string,
  part: Part = { condition: 'true', values: [] },
): Promise<void> {
  const condition = suspectSql(definition)
  if (!condition) return
  await client.query(
    `declare suspect_rows no scroll cursor for
    select ${columnList(definition)}
    from ${relation}
    where ${condition}
      and ${part.condition}`,
    [...part.values],
  )
  for (;;) {
    const { rows } = await client.query(`fetch ${rowsPerFetch} from suspect_rows`)
    for (const row of rows) keyText(definition.key, keyOf(definition, decodeRow(definition, row)))
    if (rows.length < rowsPerFetch) break
  }
  await client.query('close suspect_rows')
}
