import type pg from 'pg'

/** What `doctor` looks at. */
export interface OutboxFacts {
  sequenceCache: number
  /** The last position that was given out. */
  lastPosition: number
  /** The first position beyond the last partition. */
  partitionsEnd: number
  partitions: number
  /** Rows in the default partition, counted up to 1,000. */
  defaultRows: number
}

/** Reads how full the partitions are, and whether the sequence of positions is as it was made. */
export async function readOutboxFacts(client: pg.ClientBase): Promise<OutboxFacts> {
  const { rows } = await client.query(
    `select
      (
        select cache_size
        from pg_sequences
        where schemaname = 'trifold' and sequencename = 'outbox_position'
      ) as sequence_cache,
      (select last_value from trifold.outbox_position) as last_position,
      partitions.count,
      partitions.ends_at,
      (select count(*) from (select from trifold.outbox_default limit 1000) as counted) as default_rows
    from (
      select
        count(*) as count,
        max(substring(pg_get_expr(relpartbound, oid) from 'TO \\(''?(\\d+)''?\\)')::bigint) as ends_at
      from pg_inherits
      join pg_class on oid = inhrelid
      where inhparent = 'trifold.outbox'::regclass
    ) as partitions`,
  )
  const row = rows[0] as Record<string, string | null>
  return {
    sequenceCache: Number(row.sequence_cache),
    lastPosition: Number(row.last_position),
    partitionsEnd: Number(row.ends_at ?? 0),
    partitions: Number(row.count),
    defaultRows: Number(row.default_rows),
  }
}
