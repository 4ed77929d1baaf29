import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { qualified, sqlState } from '../sql.ts'

/** Readers of the previous generation may still be in a transaction; another view may depend on it. */
const stillInUse = new Set(['55P03', '2BP01'])

/**
 * Drops a relation of the schema `trifold`, if it is there and nobody uses it.
 *
 * @returns false if it is in use: it is left for the next time
 */
export async function dropRelation(
  client: pg.ClientBase,
  kind: 'table' | 'materialized view',
  name: string,
): Promise<boolean> {
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
