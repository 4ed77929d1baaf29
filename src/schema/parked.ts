// The table `trifold.parked`: events that a target went past without their handler.
import type pg from 'pg'
import { utcText } from '../sql.ts'
import type { Leased } from './consumers.ts'

type Executor = Pick<pg.ClientBase | pg.Pool, 'query'>

/** An event that is parked, and why. */
export interface Parking {
  target: string
  /** The window that it is in. */
  window: number
  ordinal: number
  position: number
  code: string
  message: string
  handlersVersion: number
}

/** Events that are looked back on, to tell a few bad ones from a broken target. */
export const recentEvents = 1_000

/** How many of the last thousand events before `ordinal` are parked. */
export async function countRecent(client: Executor, generationId: string, ordinal: number): Promise<number> {
  const { rows } = await client.query(
    `select count(*) as count
    from trifold.parked
    where generation_id = $1
      and ordinal between $2::bigint - ${recentEvents} and $2::bigint - 1`,
    [generationId, ordinal],
  )
  return Number(rows[0].count)
}

/** Whether an event is parked, and no key of it was ever named. */
export async function isParkedWithoutKeys(client: Executor, generationId: string, ordinal: number): Promise<boolean> {
  const { rows } = await client.query(
    `select
      from trifold.parked
      where generation_id = $1
        and ordinal = $2
        and not exists (select from trifold.suspect_keys where parked_id = parked.id and key is not null)`,
    [generationId, ordinal],
  )
  return rows.length > 0
}

/**
 * Parks an event, before the cursor moves behind it; its suspect keys are added next. The payload is copied from the outbox.
 *
 * @returns its id; undefined if the lease is lost
 */
export async function insertParked(client: Executor, lease: Leased, parking: Parking): Promise<string | undefined> {
  const { target, window, ordinal, position, code, message, handlersVersion } = parking
  const { rows } = await client.query(
    `with event as (
      select outbox.*
      from trifold.outbox
      join trifold.consumers on generation_id = $1 and epoch = $2
      where outbox.position = $6
    )
    insert into trifold.parked (
      target, generation_id, window_id, ordinal, position, type, version, aggregate, payload, appended_at,
      code, message, handlers_version
    )
    select $3, $1, $4, $5, position, type, version, aggregate, payload, appended_at, $7, $8, $9
    from event
    on conflict (generation_id, ordinal) do update
      set code = excluded.code, message = excluded.message, handlers_version = excluded.handlers_version
    returning id`,
    [lease.generation.id, lease.epoch, target, window, ordinal, position, code, message, handlersVersion],
  )
  return rows[0]?.id
}

/** A parked event, as operators see it. Times are ISO 8601 in UTC. */
export interface ParkedEvent {
  id: string
  target: string
  ordinal: number
  position: number
  type: string
  aggregate: string
  code: string
  message: string
  handlersVersion: number
  appendedAt: string
  parkedAt: string
  /** Keys that are still suspect. */
  suspectKeys: string[]
  /** Whether the keys that it may have changed are unknown, and the target was not rebuilt since. */
  keysUnknown: boolean
  /** JSON text; only of one that is asked for alone. */
  payload?: string
}

/** The parked events of some targets, the newest first; of one if an id is given. @param pool of `database.ts` */
export async function readParked(
  pool: Executor,
  { targets, id }: { targets?: readonly string[] | undefined; id?: string | undefined },
): Promise<ParkedEvent[]> {
  const { rows } = await pool.query(
    `select
      parked.id,
      parked.target,
      parked.ordinal,
      parked.position,
      parked.type,
      parked.aggregate,
      parked.code,
      parked.message,
      parked.handlers_version,
      payload,
      ${utcText('appended_at')} as appended_at,
      ${utcText('parked_at')} as parked_at,
      (
        select coalesce(json_agg(key order by key) filter (where key is not null), '[]')
        from trifold.suspect_keys
        where parked_id = parked.id
          and generations.state = 'serving'
      ) as suspect_keys,
      exists (
        select
        from trifold.suspect_keys
        where parked_id = parked.id
          and key is null
          and generations.state = 'serving'
      ) as keys_unknown
    from trifold.parked
    join trifold.generations on generations.id = generation_id
    where ($1::text[] is null or parked.target = any($1))
      and ($2::bigint is null or parked.id = $2)
    order by parked.id desc`,
    [targets ?? null, id ?? null],
  )
  return rows.map((row) => parkedEvent(row as Record<string, string>, id !== undefined))
}

const parkedEvent = (row: Record<string, string>, withPayload: boolean): ParkedEvent => ({
  id: row.id as string,
  target: row.target as string,
  ordinal: Number(row.ordinal),
  position: Number(row.position),
  type: row.type as string,
  aggregate: row.aggregate as string,
  code: row.code as string,
  message: row.message as string,
  handlersVersion: Number(row.handlers_version),
  appendedAt: row.appended_at as string,
  parkedAt: row.parked_at as string,
  suspectKeys: JSON.parse(row.suspect_keys as string),
  keysUnknown: row.keys_unknown === 't',
  ...(withPayload && { payload: row.payload as string }),
})

/** Deletes a parked event and what is suspect because of it. @returns whether there was one */
export async function deleteParked(pool: Executor, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from trifold.parked where id = $1', [id])
  return rowCount === 1
}

/** Deletes parked events that are older than so many days, unless their keys are suspect in what serves. */
export async function expireParked(client: Executor, days: number): Promise<void> {
  await client.query(
    `delete from trifold.parked
    where parked_at < clock_timestamp() - $1::integer * interval '1 day'
      and not exists (
        select
        from trifold.suspect_keys
        join trifold.generations on generations.id = suspect_keys.generation_id
        where parked_id = parked.id
          and state = 'serving'
      )`,
    [days],
  )
}
