// The table `trifold.inbox`: the events that the application's own consumers of a broker have handled.
import type pg from 'pg'
import type { Executor } from '../executor.ts'

const takeStatement = `
  insert into trifold.inbox (consumer, event_id)
  values ($1::text, $2::uuid)
  on conflict do nothing
  returning true as taken`

/** Notes an event as handled by a consumer. @returns false if it was noted before */
export async function takeEvent(executor: Executor, consumer: string, eventId: string): Promise<boolean> {
  const { rows } = await executor.query(takeStatement, [consumer, eventId])
  return rows.length > 0
}

/** Deletes up to `limit` rows that are older than `milliseconds`. @returns how many */
export async function deleteTaken(
  client: Pick<pg.ClientBase, 'query'>,
  milliseconds: number,
  limit: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from trifold.inbox
    where ctid = any (array(
      select ctid
      from trifold.inbox
      where received_at < clock_timestamp() - $1::double precision * interval '1 millisecond'
      limit $2
    ))`,
    [milliseconds, limit],
  )
  return rowCount ?? 0
}
