// The server's log, and the windows as its witnesses.
import type pg from 'pg'
import type { Window } from './windows.ts'

/**
 * Whether the database has forgotten what was written for good: its log ends before a place that was, or it has no such
 * window, or another one of its id. (A window that was read long ago is missing without being forgotten.)
 *
 * @param written a place in the log, as PostgreSQL writes it
 */
export async function isBehind(
  client: pg.ClientBase,
  { id, nonce }: Pick<Window, 'id' | 'nonce'>,
  written: string | undefined,
): Promise<boolean> {
  const { rows } = await client.query(
    `select
      coalesce(pg_current_wal_insert_lsn() < $1::pg_lsn, false)
      or (select max(id) from trifold.windows) < $2::bigint
      or exists (
        select
        from trifold.windows
        where id = $2::bigint
          and nonce <> $3::uuid
      ) as behind`,
    [written ?? null, id, nonce],
  )
  return rows[0].behind === 't'
}
