import type pg from 'pg'
import { currentEra } from '../era.ts'

/** An event as it was appended, and the transaction that appended it. */
export interface PastEvent {
  xid: string
  type: string
  aggregate: string
  /** JSON. */
  payload: string
}

/**
 * The events of the newest transactions that the outbox still holds, oldest first.
 *
 * @param transactions at most so many
 * @param events looked at for them: if they have more, there are fewer
 */
export async function readNewest(
  client: Pick<pg.ClientBase, 'query'>,
  { transactions, events }: { transactions: number; events: number },
): Promise<PastEvent[]> {
  const { rows } = await client.query(
    `with newest as materialized (
      select position, xid
      from trifold.outbox
      where era = ${currentEra}
      order by position desc
      limit $2::bigint
    ),
    transactions as (
      select xid
      from newest
      group by xid
      order by max(position) desc
      limit $1::bigint
    )
    select xid::text, type, aggregate, payload::text
    from trifold.outbox
    where position in (select position from newest join transactions using (xid))
    order by position`,
    [transactions, events],
  )
  return rows
}
