import type pg from 'pg'
import { qualified } from '../../sql.ts'
import { earliestReadEra } from '../history.ts'
import type { StoredPartition } from './partitions.ts'

type Client = Pick<pg.ClientBase, 'query'>

/** How old the first and the last event of a partition are, in milliseconds; undefined if it has none. */
export async function readAges(
  client: Client,
  { name }: Pick<StoredPartition, 'name'>,
): Promise<{ oldest: number; newest: number } | undefined> {
  const table = qualified('trifold', name)
  const at = (direction: 'asc' | 'desc') => `(
      select extract(epoch from clock_timestamp() - appended_at) * 1000
      from ${table}
      order by position ${direction}
      limit 1
    )`
  const { rows } = await client.query(`select ${at('asc')} as oldest, ${at('desc')} as newest`)
  if (rows[0].oldest === null) return undefined
  return { oldest: Number(rows[0].oldest), newest: Number(rows[0].newest) }
}

/**
 * Whether every kept window is behind all events of a partition: then no reader can ask for one of them again. Events of
 * an era with which no cursor can go on are not read any more. An event that is not committed is not seen: ask again under a lock.
 */
export async function isPassed(client: Client, { name }: Pick<StoredPartition, 'name'>): Promise<boolean> {
  const { rows } = await client.query(
    `select not exists (
      select
      from (select snapshot from trifold.windows order by id limit 1) as oldest
      cross join lateral (${unreadEvents(name, 'oldest.snapshot')}) as unread
    ) as passed`,
  )
  return isTrue(rows[0].passed)
}

/** The pool of `database.ts` gives text, others a boolean. */
const isTrue = (value: unknown): boolean => value === true || value === 't'

/** A statement: an event of a partition that a snapshot does not show. @param snapshot an SQL expression */
export const unreadEvents = (partition: string, snapshot: string): string => `
        select
        from ${qualified('trifold', partition)}
        where era >= ${earliestReadEra}
          and xid >= pg_snapshot_xmin(${snapshot})
          and not pg_visible_in_snapshot(xid, ${snapshot})
        limit 1`
/** Waits for the transactions that have written into a partition, and keeps others out until the transaction ends. */
export async function lockPartition(client: Client, { name }: Pick<StoredPartition, 'name'>): Promise<void> {
  await client.query(`lock table ${qualified('trifold', name)} in access exclusive mode`)
}

/** Empties a partition: its space is free at the commit. */
export async function emptyPartition(client: Client, { name }: Pick<StoredPartition, 'name'>): Promise<void> {
  await client.query(`truncate table only ${qualified('trifold', name)}`)
}

/** Whether a partition has rows. */
export async function hasRows(client: Client, { name }: Pick<StoredPartition, 'name'>): Promise<boolean> {
  const { rows } = await client.query(`select exists (select from ${qualified('trifold', name)}) as found`)
  return isTrue(rows[0].found)
}

/** Drops a partition; under the lock of the outbox. */
export async function dropPartition(client: Client, { name }: Pick<StoredPartition, 'name'>): Promise<void> {
  await client.query(`drop table ${qualified('trifold', name)}`)
}

/** Lets the next event begin the partition behind `to`; under the lock of the outbox, so that nothing is appended meanwhile. */
export async function skipTo(client: Client, to: number): Promise<void> {
  await client.query(
    `select setval('trifold.outbox_position', $1::bigint)
    from trifold.outbox_position
    where last_value < $1::bigint`,
    [to],
  )
}
