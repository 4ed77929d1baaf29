import type pg from 'pg'

/** Bytes with indexes. */
export interface Sizes {
  outbox: number
  /** Of the toolkit's other tables. */
  bookkeeping: number
  /** Of the target's rows. */
  rows: number
}

export async function sizesOf(pool: pg.Pool, target: string): Promise<Sizes> {
  const { rows } = await pool.query(
    `select
      coalesce(sum(bytes) filter (where is_outbox), 0)::float8 as outbox,
      coalesce(sum(bytes) filter (where not is_outbox and not is_storage), 0)::float8 as bookkeeping,
      coalesce(sum(bytes) filter (where is_storage), 0)::float8 as rows
    from (
      select
        pg_total_relation_size(pg_class.oid) as bytes,
        pg_class.oid in (select relid from pg_partition_tree('trifold.outbox')) as is_outbox,
        relname in (select storage from trifold.generations where target = $1) as is_storage
      from pg_class
      where relnamespace = 'trifold'::regnamespace and relkind in ('r', 'p')
    ) as relations`,
    [target],
  )
  return rows[0]
}
