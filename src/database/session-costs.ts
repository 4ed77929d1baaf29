import type pg from 'pg'

/** What a session has cost since it began, without its parallel workers. */
export interface SessionCosts {
  walBytes: number
  /** Pages that were found in the shared buffers, and pages that were not. */
  buffersHit: number
  buffersRead: number
}

/**
 * What a session has cost so far; undefined before PostgreSQL 18, which counts it by session.
 *
 * @param client a session outside of a transaction
 */
export async function sessionCosts(client: Pick<pg.ClientBase, 'query'>): Promise<SessionCosts | undefined> {
  const { rows: server } = await client.query(`select current_setting('server_version_num') as version`)
  if (Number(server[0].version) < 180_000) return undefined
  await client.query('select pg_stat_force_next_flush()') // else the counters are shown once a second
  const { rows } = await client.query(
    `select
      (select wal_bytes from pg_stat_get_backend_wal(pg_backend_pid())) as wal,
      sum(hits) as hits,
      sum(reads) as reads
    from pg_stat_get_backend_io(pg_backend_pid())`,
  )
  const [{ wal, hits, reads }] = rows
  return { walBytes: Number(wal), buffersHit: Number(hits), buffersRead: Number(reads) }
}
