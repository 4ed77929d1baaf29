// The table `trifold.history`: where each era runs. `schema/era.ts` is its sequence.
import type pg from 'pg'
import { emptied } from './emptied.ts'

/** Where a history runs. */
export interface Place {
  /** The cluster's `system_identifier`. */
  system: string
  timeline: string
  /** The oid of the database in the cluster. */
  database: string
}

/** The history that the database is on, compared with the one that was stored. */
export interface History {
  era: number
  stored: Place
  now: Place
  /** Why this may be another history than the one that was stored; undefined if it is the same. */
  branch: BranchReason | undefined
}

/** The timeline changed, or this is another cluster, or another database of the cluster. */
export type BranchReason = 'timeline' | 'cluster' | 'database'

const timelineNow = `
        case
          when not pg_is_in_recovery() then substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
        end`

const databaseNow = '(select oid from pg_database where datname = current_database())'

const placeNow = `
      select
        control.system_identifier::text as system,
        ${timelineNow} as timeline,
        ${databaseNow} as database
      from pg_control_system() as control`

// A dump that is restored writes the stored row again, in another transaction.
const comparison = `
      select
        stored.*,
        place.system,
        place.timeline as timeline_now,
        place.database,
        case
          when place.system <> stored.system_identifier then 'cluster'
          when place.database <> stored.database_oid or stored.xmin <> stored.written_by::xid then 'database'
          when place.timeline <> stored.timeline then 'timeline'
        end as branch
      from (${placeNow}
      ) as place
      cross join lateral (
        select history.xmin, history.*
        from trifold.history
        order by era desc
        limit 1
      ) as stored`

/** An SQL expression: why no worker has begun an era yet that this history needs ({@link BranchReason}), or null. */
export const branched = `(
    select branch
    from (${comparison}
    ) as comparison
  )`

/** An SQL expression: whether the newest era began before commit tokens had nonces, so that some may have none. */
export const takesBareTokens = `(
    select nonce is null
    from trifold.history
    order by era desc
    limit 1
  )`

/** An SQL expression: whether the table has its rows. */
export const historyKept = 'exists (select from trifold.history)'

/** Reads the newest era with the place where it was stored, and the place where the database is now. */
export async function compareHistory(client: pg.ClientBase): Promise<History> {
  const { rows } = await client.query(
    `select
      era,
      system_identifier as stored_system,
      timeline as stored_timeline,
      database_oid as stored_database,
      system,
      timeline_now as timeline,
      database,
      branch
    from (${comparison}
    ) as comparison`,
  )
  const row = rows[0] as Record<string, string | null> | undefined
  if (!row) throw emptied('history')
  return {
    era: Number(row.era),
    stored: placeOf(row.stored_system, row.stored_timeline, row.stored_database),
    now: placeOf(row.system, row.timeline, row.database),
    branch: (row.branch as BranchReason | null) ?? undefined,
  }
}

/** What a database knows of itself, by which it tells its own indexes from others. */
export interface Identity {
  place: Place
  era: number
  /** The nonces of the eras whose indexes are this database's, the newest first; null for eras of before they had one. */
  nonces: readonly [string | null, ...(string | null)[]]
}

/**
 * An era that began because an index showed another history ends the list of nonces: of what was written before it, another
 * server of the same identity may be the owner.
 */
export async function readIdentity(client: Pick<pg.ClientBase, 'query'>): Promise<Identity> {
  const { rows } = await client.query(`
    select
      place.*,
      (select max(era) from trifold.history) as era,
      array_to_json(array(
        select to_hex(nonce)
        from trifold.history
        where era >= coalesce((select max(era) from trifold.history where reason = 'index'), 0)
        order by era desc
      ))::text as nonces
    from (${placeNow}
    ) as place`)
  const { system, timeline, database, era, nonces } = rows[0]
  return { place: placeOf(system, timeline, String(database)), era: Number(era), nonces: JSON.parse(nonces) }
}

/** Where the database runs now. */
export async function readPlace(client: Pick<pg.ClientBase, 'query'>): Promise<Place> {
  const { rows } = await client.query(placeNow)
  return placeOf(rows[0].system, rows[0].timeline, String(rows[0].database))
}

const placeOf = (...[system, timeline, database]: (string | null | undefined)[]): Place => ({
  system: system ?? '',
  timeline: timeline ?? '',
  database: database ?? '',
})

/** Why the history may have branched, if no worker has begun the next era yet. */
export async function readBranch(client: Pick<pg.ClientBase, 'query'>): Promise<BranchReason | undefined> {
  const { rows } = await client.query(`select ${branched} as branch`)
  return rows[0].branch ?? undefined
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

const breaks = "reason in ('cluster', 'database', 'operator')"

/** An SQL expression: the earliest era whose events somebody may still read; 0 if that is every one. See {@link isContinuous}. */
export const earliestReadEra = `(
            select coalesce(max(era), 0)
            from trifold.history
            where ${breaks}
          )`

/**
 * Whether a cursor of era `from` may go on into era `to`: rows and cursors stay right over a change of timeline;
 * those that came from another cluster or database carry transaction ids that mean nothing here, and an operator may say so.
 */
export async function isContinuous(client: pg.ClientBase, from: number, to: number): Promise<boolean> {
  const { rows } = await client.query(
    `select count(*) as breaks
    from trifold.history
    where era > $1
      and era <= $2
      and ${breaks}`,
    [from, to],
  )
  return rows[0].breaks === '0'
}

/** Stores an era, and where it runs. */
export async function insertHistory(client: pg.ClientBase, era: number, place: Place, reason: string): Promise<void> {
  await client.query(
    `insert into trifold.history (era, system_identifier, timeline, database_oid, reason)
    values ($1, $2, $3, $4, $5)`,
    [era, place.system, place.timeline, place.database, reason],
  )
}

/** An SQL expression: the table, or null if the schema `trifold` is not installed. */
export const historyRelation = "to_regclass('trifold.history')"
