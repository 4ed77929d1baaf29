import type pg from 'pg'
import { qualified } from '../sql.ts'

/** Positions of one partition of the outbox: few and large, since each costs every statement a little. */
export const partitionSize = 20_000_000

export interface Partition {
  name: string
  /** Its first position. */
  from: number
  /** Its last position. */
  to: number
}

export interface PartitionsReport {
  /** The last position that was taken; 0 if none was. */
  lastPosition: number
  created: Partition[]
  /** Partitions that are due and could not be made. Appends go on: the default partition takes their rows. */
  due: (Partition & Hindrance)[]
}

export interface Hindrance {
  reason: string
  nextStep: string
}

export interface PartitionsOptions {
  /** Positions of a new partition; default {@link partitionSize}. */
  size?: number
  /** How many partitions are kept ready beyond the one that is written now; default 1. */
  ahead?: number
  /** Longest wait for the lock, in milliseconds, during which reads of the outbox wait too; default 200. */
  lockTimeout?: number
  /** Moves rows out of the default partition if they are in the way; appends wait meanwhile. Default false. */
  moveRows?: boolean
}

/**
 * Creates the partitions of the outbox that will be needed next, so that the default partition stays empty, and those
 * that were missed. Unless `moveRows`, no append waits for it: a partition is made as a separate table and attached
 * under a lock on the default partition that times out after `lockTimeout`. May be called by several workers at once.
 *
 * @param client a connection of the outbox's owner, outside of a transaction
 * @returns what was made, and what is due, why, and what to do: a hindrance is not an error
 */
export async function ensurePartitions(
  client: pg.ClientBase,
  options: PartitionsOptions = {},
): Promise<PartitionsReport> {
  const { size = partitionSize, ahead = 1, lockTimeout = 200, moveRows = false } = options
  const lastPosition = await readLastPosition(client)
  const report: PartitionsReport = { lastPosition, created: [], due: [] }
  const missing = missingPartitions(await readRanges(client), lastPosition, size, ahead)
  for (const partition of missing) {
    const rows = moveRows ? 0 : await countInDefault(client, partition)
    const hindrance = rows > 0 ? rowsInTheWay(rows) : await create(client, partition, lockTimeout, moveRows)
    if (hindrance) report.due.push({ ...partition, ...hindrance })
    else report.created.push(partition)
  }
  return report
}

async function readLastPosition(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query(
    `select case when is_called then last_value else 0 end as position
    from trifold.outbox_position`,
  )
  return Number(rows[0].position)
}

/** The ranges of the existing partitions, in order, without the default: first position and the one after the last. */
async function readRanges(client: pg.ClientBase): Promise<[from: number, end: number][]> {
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

/** What the ranges leave out, up to `ahead` partitions beyond the one that holds the last position. */
function missingPartitions(ranges: [number, number][], last: number, size: number, ahead: number): Partition[] {
  const missing: Partition[] = []
  const add = (from: number, end: number) => missing.push({ name: `outbox_p${from}`, from, to: end - 1 })
  let next = ranges[0]?.[0] ?? last + 1
  for (const [from, end] of ranges) {
    if (from > next) add(next, from)
    next = end
  }
  for (; next <= last + ahead * size; next += size) add(next, next + size)
  return missing
}

/** How many rows of the range are in the default partition, counted up to a million. */
async function countInDefault(client: pg.ClientBase, { from, to }: Partition): Promise<number> {
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

/** The key of the advisory lock for making partitions. */
const makingPartitions = 'trifold.outbox partitions'

/**
 * Makes one partition in one transaction. Attaching locks the default partition against everything and reads all of it:
 * lock and reading end at the timeout.
 */
async function create(
  client: pg.ClientBase,
  { name, from, to }: Partition,
  lockTimeout: number,
  moveRows: boolean,
): Promise<Hindrance | undefined> {
  const table = qualified('trifold', name)
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockTimeout}`)
    if (!(await tryLock(client))) throw Object.assign(new Error('another worker makes partitions'), { code: '55P03' })
    await client.query(`create table ${table} (like trifold.outbox including all)`)
    if (moveRows) await moveFromDefault(client, table, from, to)
    else await client.query(`set local statement_timeout = ${lockTimeout * 2}`)
    await client.query(`alter table trifold.outbox attach partition ${table} for values from (${from}) to (${to + 1})`)
    await client.query('commit')
    return undefined
  } catch (error) {
    await client.query('rollback').catch(() => {}) // a broken connection has rolled back already
    return hindranceOf(error)
  }
}

async function tryLock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0))::int as taken', [
    makingPartitions,
  ])
  return Number(rows[0].taken) === 1
}

async function moveFromDefault(client: pg.ClientBase, table: string, from: number, to: number): Promise<void> {
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

const rowsInTheWay = (rows: number): Hindrance => ({
  reason: `the default partition holds ${rows >= 1_000_000 ? 'a million or more' : rows} rows of it`,
  nextStep: 'move them in a quiet moment with `moveRows` (appends wait meanwhile); until then nothing is lost',
})

/** @throws the error if it is not one that passes by itself or that moving rows cures */
function hindranceOf(error: unknown): Hindrance {
  const { code, message } = error as { code?: string; message: string }
  if (code === '23514') return rowsInTheWay(1)
  if (code === '57014') {
    return { reason: 'the default partition is too full to be checked under a short lock', nextStep: 'move its rows' }
  }
  if (code === '55P03' || code === '42P07' || code === '42P17' || code === '40P01') {
    return { reason: message, nextStep: 'none: the next maintenance tries again' }
  }
  throw error
}
