import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { qualified, sqlState } from '../sql.ts'

/** Readers of the previous generation may still be in a transaction; another view may depend on it. */
const stillInUse = new Set(['55P03', '2BP01'])

/**
 * Drops a table or materialized view of the schema `trifold`, if it is there and nobody uses it.
 *
 * @returns false if it is in use: it is left for the next time
 */
export async function dropRelation(client: pg.ClientBase, name: string): Promise<boolean> {
  const kind = (await relationKind(client, name)) === 'm' ? 'materialized view' : 'table'
  try {
    await inTransaction(client, async () => {
      await client.query(`set local lock_timeout = '2s'`)
      await client.query(`drop ${kind} if exists ${qualified('trifold', name)}`)
    })
    return true
  } catch (error) {
    if (stillInUse.has(sqlState(error) ?? '')) return false
    throw error
  }
}

/** What a relation of the schema `trifold` is (`pg_class.relkind`): `r` a table, `m` a materialized view; undefined if it is missing. */
export async function relationKind(client: Pick<pg.ClientBase, 'query'>, name: string): Promise<string | undefined> {
  const { rows } = await client.query('select relkind from pg_class where oid = to_regclass($1)', [
    qualified('trifold', name),
  ])
  return rows[0]?.relkind
}
