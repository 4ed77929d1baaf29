import type pg from 'pg'
import { inTransaction } from './database.ts'
import { TrifoldError } from './errors.ts'
import { tick } from './feed/tick.ts'
import { lastOrdinal, lastWindow } from './feed/window.ts'
import type { Observations, Observe } from './observe.ts'

/** Where a history runs. */
interface Place {
  /** The cluster's `system_identifier`. */
  system: string
  timeline: string
  /** The oid of the database in the cluster. */
  database: string
}

/** The history that the database is on, compared with the one that was stored. */
interface History {
  era: number
  stored: Place
  now: Place
  /** Whether the stored row was written here: a dump that is restored writes it again, in another transaction. */
  original: boolean
}

/** Why an era begins. */
type Branch = Omit<Observations['era.began'], 'era'>

const lockTimeout = '5s'

/**
 * The era of the database. If its history may have branched since the last look, a new era begins first: the timeline
 * changed (failover, point-in-time recovery), the cluster did (pg_upgrade, a dump restored elsewhere), or this is another
 * database of the same cluster (a copy by `create database … template`, a dump restored beside or over the original).
 *
 * After a promotion `pg_control_checkpoint()` still gives the old timeline for a while; the name of the current WAL file
 * is right at once.
 *
 * @throws DATABASE_STANDBY
 */
export async function currentEra(client: pg.ClientBase, observe?: Observe): Promise<number> {
  const history = await readHistory(client)
  const branch = branchOf(history)
  return branch ? beginEra(client, history, branch, observe) : history.era
}

function branchOf({ stored, now, original }: History): Branch | undefined {
  if (now.system !== stored.system) return { reason: 'cluster', from: stored.system, to: now.system }
  if (now.database !== stored.database || !original)
    return { reason: 'database', from: stored.database, to: now.database }
  if (now.timeline !== stored.timeline) return { reason: 'timeline', from: stored.timeline, to: now.timeline }
  return undefined
}

/** The era of the database as it was last stored. */
export async function storedEra(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query('select max(era) as era from trifold.history')
  return Number(rows[0].era)
}

/**
 * Makes this database the place of its newest era, as if it had been written here: for a copy whose original is not used
 * any more, or never was.
 */
export async function adoptHistory(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await client.query(`
    update trifold.history
    set
      database_oid = (select oid from pg_database where datname = current_database()),
      written_by = pg_current_xact_id()
    where era = (select max(era) from trifold.history)`)
}

/** Begins a new era above the given one: an index of a later, or of another, history was seen. */
export async function raiseEra(client: pg.ClientBase, above: number, observe?: Observe): Promise<number> {
  const history = await readHistory(client)
  return history.era > above ? history.era : beginEra(client, { ...history, era: above }, { reason: 'index' }, observe)
}

/**
 * Whether a cursor of era `from` may go on into era `to`: rows and cursors stay right over a change of timeline;
 * those that came from another cluster or database carry transaction ids that mean nothing here.
 */
export async function isContinuous(client: pg.ClientBase, from: number, to: number): Promise<boolean> {
  const { rows } = await client.query(
    `select count(*) as breaks
    from trifold.history
    where era > $1
      and era <= $2
      and reason in ('cluster', 'database')`,
    [from, to],
  )
  return rows[0].breaks === '0'
}

async function readHistory(client: pg.ClientBase): Promise<History> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby')
  if (rows[0].standby === 't') {
    throw new TrifoldError(
      'DATABASE_STANDBY',
      'era: a worker needs the primary, but this server is a standby; point DATABASE_URL at the primary',
    )
  }
  const found = await client.query(
    `select
      stored.era,
      stored.system_identifier as stored_system,
      stored.timeline as stored_timeline,
      stored.database_oid as stored_database,
      stored.xmin = stored.written_by::xid as original,
      control.system_identifier::text as system,
      substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline,
      (select oid from pg_database where datname = current_database()) as database
    from pg_control_system() as control
    cross join lateral (
      select history.xmin, history.*
      from trifold.history
      order by era desc
      limit 1
    ) as stored`,
  )
  const row = found.rows[0] as { [name: string]: string }
  return {
    era: Number(row.era),
    stored: placeOf(row.stored_system, row.stored_timeline, row.stored_database),
    now: placeOf(row.system, row.timeline, row.database),
    original: row.original === 't',
  }
}

const placeOf = (system = '', timeline = '', database = ''): Place => ({ system, timeline, database })

/**
 * Closes the old era with a last window and begins the next one with an empty window. The lock on the outbox waits for
 * the appends that are under way, so that no row of the old era can appear later; the era itself is a sequence, so that
 * an append which waited behind the lock is of the new era, whatever its snapshot.
 */
async function beginEra(
  client: pg.ClientBase,
  history: History,
  branch: Branch,
  observe: Observe | undefined,
): Promise<number> {
  const { reason } = branch
  const { era, isNew } = await inTransaction(client, async () => {
    await client.query(`set local lock_timeout = '${lockTimeout}'`)
    await client.query('lock table trifold.outbox in exclusive mode')
    const latest = await readHistory(client)
    if (!branchOf(latest) && latest.era > history.era) return { era: latest.era, isNew: false }
    // Snapshots of another history cannot be compared with this one's: what it left unread is read by the next rebuilds.
    if (reason !== 'cluster' && reason !== 'database') while (!(await tick(client, { evenIfEmpty: true })).stored) {} // until a race is won
    const given = await client.query('select last_value from trifold.era') // where a beginning was rolled back
    const era = Math.max(history.era, latest.era, Number(given.rows[0].last_value)) + 1
    await client.query(`select setval('trifold.era', $1::bigint)`, [era])
    await client.query(
      `insert into trifold.history (era, system_identifier, timeline, database_oid, reason)
      values ($1, $2, $3, $4, $5)`,
      [era, latest.now.system, latest.now.timeline, latest.now.database, reason],
    )
    const last = await lastWindow(client)
    await client.query(
      `insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
      values ($1, $2, pg_current_snapshot(), $3, 0)`,
      [last.id + 1, era, lastOrdinal(last) + 1],
    )
    return { era, isNew: true }
  })
  if (isNew) observe?.({ kind: 'era.began', era, ...branch })
  return era
}
