import type pg from 'pg'
import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import { quoteIdent } from '../sql.ts'
import { keyText, longestKey } from './key.ts'
import { columnList, decodeRow, keyOf } from './rows.ts'

/** The condition that rows fulfil which a read model cannot hold exactly, or undefined if its types have none. */
export function refusedSql(definition: Definition): string | undefined {
  const values = definition.columns.map(({ name, encoding }) => encoding.refusedSql?.(quoteIdent(name)))
  const conditions = [...values, longKeySql(definition)].filter((condition) => condition !== undefined)
  return conditions.length === 0 ? undefined : `(${conditions.join('\n    or ')})`
}

function longKeySql({ key }: Definition): string | undefined {
  const lengths = key
    .filter(({ encoding }) => ['text', 'bytea', 'numeric'].includes(encoding.pgType) || encoding.element)
    .map(({ name }) => `octet_length(${quoteIdent(name)}::text)`)
  return lengths.length === 0 ? undefined : `${lengths.join(' + ')} > ${longestKey}`
}

/**
 * Refuses what was copied from a definition inside the database: the same values, with the same words, as when rows
 * pass through JavaScript.
 *
 * @param relation quoted and qualified
 * @throws VALUE_INVALID naming read model, column and key
 */
export async function refuseValues(client: pg.ClientBase, definition: Definition, relation: string): Promise<void> {
  const condition = refusedSql(definition)
  if (!condition) return
  const { rows } = await client.query(
    `select ${columnList(definition)}
    from ${relation}
    where ${condition}
    limit 1`,
  )
  if (!rows[0]) return
  keyText(definition.key, keyOf(definition, decodeRow(definition, rows[0])))
  throw new TrifoldError(
    'VALUE_INVALID',
    `definition: a row of ${definition.readModel} has a value that cannot be kept: ${JSON.stringify(rows[0]).slice(0, 500)}`,
  )
}
