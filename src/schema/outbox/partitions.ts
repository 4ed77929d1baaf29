import type pg from 'pg'

/** The last position that was taken; 0 if none was. */
export async function readLastPosition(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query(
    `select case when is_called then last_value else 0 end as position
    from trifold.outbox_position`,
  )
  return Number(rows[0].position)
}

/** A partition with its range of positions. */
export interface StoredPartition {
  name: string
  /** Its first position. */
  from: number
  /** Its last position. */
  to: number
  /** On disk, with indexes. */
  bytes: number
}

/** The partitions in order of position, without the default one. */
export async function readPartitions(client: Pick<pg.ClientBase, 'query'>): Promise<StoredPartition[]> {
  const { rows } = await client.query(
    `select
      child.relname as name,
      pg_get_expr(child.relpartbound, child.oid) as bound,
      pg_total_relation_size(child.oid) as bytes
    from pg_inherits
    join pg_class as child on child.oid = pg_inherits.inhrelid
    where pg_inherits.inhparent = 'trifold.outbox'::regclass`,
  )
  return rows
    .flatMap(({ name, bound, bytes }) => {
      const range = /FROM \((?:MINVALUE|'?(\d+)'?)\) TO \('?(\d+)'?\)/.exec(bound)
      return range ? [{ name, from: Number(range[1] ?? 1), to: Number(range[2]) - 1, bytes: Number(bytes) }] : []
    })
    .sort((a, b) => a.from - b.from)
}

/** How many rows of a range are in the default partition, counted up to a million. */
export async function countInDefault(
  client: pg.ClientBase,
  { from, to }: { from: number; to: number },
): Promise<number> {
  const { rows } = await client.query(
    `select count(*) as count
    from (
      select
      from trifold.outbox_default
      where position between $1 and $2
      limit 1000000
    ) as found`,
    [from, to],
  )
  return Number(rows[0].count)
}

/** The key of the advisory lock under which partitions are made. */
const makingPartitions = 'trifold.outbox partitions'

/** Takes the lock under which partitions are made until the transaction ends. @returns false if another session has it */
export async function tryLockPartitions(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0))::int as taken', [
    makingPartitions,
  ])
  return Number(rows[0].taken) === 1
}

/** Moves the rows of a range from the default partition to `table`, which is quoted; appends wait meanwhile. */
export async function moveFromDefault(client: pg.ClientBase, table: string, from: number, to: number): Promise<void> {
  await client.query('lock table trifold.outbox_default in access exclusive mode')
  await client.query(
    `with moved as (
      delete from trifold.outbox_default
      where position between $1 and $2
      returning *
    )
    insert into ${table}
    select *
    from moved`,
    [from, to],
  )
}

/** Creates a table that can become a partition. @param table quoted */
export async function createPartition(client: pg.ClientBase, table: string): Promise<void> {
  await client.query(`create table ${table} (like trifold.outbox including all)`)
}

/** Makes a table the partition of the positions `from` to `to`. @param table quoted */
export async function attachPartition(client: pg.ClientBase, table: string, from: number, to: number): Promise<void> {
  await client.query(`alter table trifold.outbox attach partition ${table} for values from (${from}) to (${to + 1})`)
}
