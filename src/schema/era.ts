// The sequence `trifold.era`: read outside of any snapshot, so that every append sees the newest era at once.
import type { Executor } from '../executor.ts'

/** An SQL expression: the era of the database. */
export const currentEra = '(select last_value from trifold.era)'

type Client = Pick<Executor, 'query'>

/** The era of the database; above the newest one of `trifold.history` if the beginning of an era was rolled back. */
export async function readEra(client: Client): Promise<number> {
  const { rows } = await client.query('select last_value from trifold.era')
  return Number(rows[0]?.last_value)
}

/** Sets the era. It stays set if the transaction is rolled back. */
export async function setEra(client: Client, era: number): Promise<void> {
  await client.query(`select setval('trifold.era', $1::bigint)`, [era])
}

const transactionStatement = `
  select
    pg_is_in_recovery() as standby,
    ${currentEra}::text as era,
    pg_current_xact_id_if_assigned()::text as xid`

/** The era, and the id of the caller's transaction: null if it has written nothing. */
export async function readTransaction(
  executor: Executor,
): Promise<{ standby: boolean; era: string; xid: string | null }> {
  const { rows } = await executor.query(transactionStatement)
  return rows[0] as { standby: boolean; era: string; xid: string | null }
}
