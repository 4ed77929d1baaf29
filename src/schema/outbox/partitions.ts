import type pg from 'pg'

/** The last position that was taken; 0 if none was. */
export async function readLastPosition(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query(
    `select case when is_called then last_value else 0 end as position
    from trifold.outbox_position`,
  )
  return Number(rows[0].position)
}

/** The ranges of the partitions that stand, in order, without the default: first position and the one after the last. */
export async function readRanges(client: pg.ClientBase): Promise<[from: number, end: number][]> {
  const { rows } = await client.query(
    `select pg_get_expr(child.relpartbound, child.oid) as bound
    from pg_inherits
    join pg_class as child on child.oid = pg_inherits.inhrelid
    where pg_inherits.inhparent = 'trifold.outbox'::regclass`,
  )
  return rows
    .map(({ bound }) => /FROM \((?:MINVALUE|'?(\d+)'?)\) TO \('?(\d+)'?\)/.exec(bound))
    .filter((match) => match !== null)
    .map((match): [number, number] => [Number(match[1] ?? 1), Number(match[2])])
    .sort(([a], [b]) => a - b)
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

/** The key of the advisory lock of whoever makes partitions. */
const makingPartitions = 'trifold.outbox partitions'

/** Takes the lock of whoever makes partitions until the transaction ends. @returns false if another session has it */
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
