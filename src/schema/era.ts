// The sequences `trifold.era` and `trifold.era_nonce`: read outside of any snapshot, so that every append sees the newest era
// at once.
import type { Executor } from '../executor.ts'

/** An SQL expression: the era of the database. */
export const currentEra = '(select last_value from trifold.era)'

/** An SQL expression: the nonce of that era, as commit tokens write it. */
export const eraNonce = '(select to_hex(last_value) from trifold.era_nonce)'

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
    ${eraNonce} as nonce,
    pg_current_xact_id_if_assigned()::text as xid`

/** What a commit token is made of. */
export type TransactionFacts = {
  era: string
  nonce: string
  /** The id of the transaction; null if it has written nothing. */
  xid: string | null
}

/** The era, and the id of the caller's transaction. */
export async function readTransaction(executor: Executor): Promise<TransactionFacts & { standby: boolean }> {
  const { rows } = await executor.query(transactionStatement)
  return rows[0] as TransactionFacts & { standby: boolean }
}
