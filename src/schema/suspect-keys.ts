// The table `trifold.suspect_keys`: keys whose rows are not known to be right, because an event was parked.
import type pg from 'pg'
import { utcText } from '../sql.ts'
import type { Leased } from './consumers.ts'
import { switchedTo } from './serving.ts'

type Executor = Pick<pg.ClientBase | pg.Pool, 'query'>

/** The suspect keys of a generation. */
export interface SuspectKeys {
  /** Key texts, with the parked events that made them suspect. */
  keys: Map<string, string[]>
  /** Whether every key is: those that an event may have changed are unknown. */
  all: boolean
}

/** @param database of `database.ts` */
export async function readSuspectKeys(database: Executor, generationId: string): Promise<SuspectKeys> {
  const { rows } = await database.query(
    `select key, parked_id
    from trifold.suspect_keys
    where generation_id = $1`,
    [generationId],
  )
  const keys = new Map<string, string[]>()
  for (const { key, parked_id } of rows) if (key !== null) keys.set(key, [...(keys.get(key) ?? []), parked_id])
  return { keys, all: rows.some(({ key }) => key === null) }
}

/** What an answer of a target is asked about. */
export interface Marked {
  target: string
  /** The text of the only key in it, if that is known. */
  key: string | undefined
  readModel: string
}

/** What an answer says of itself beside its rows. */
export interface Marks {
  /** Whether it may rest on a suspect key. */
  degraded: boolean
  /** The target that an operator has chosen for the read model. */
  switchedTo: string | undefined
  /** The time up to which the target is complete, ISO 8601 in UTC; undefined if it reflects nothing of this era. */
  asOf: string | undefined
  /** The snapshot of that time, as PostgreSQL writes it. */
  snapshot: string | undefined
  /** Milliseconds. */
  lag: number | undefined
}

/** The marks of an answer that is given after this, in one round trip. */
export async function readMarks(pool: Executor, { target, key, readModel }: Marked): Promise<Marks> {
  const { rows } = await pool.query({
    name: 'trifold_marks',
    text: `
      select
        exists (
          select
          from trifold.suspect_keys
          join trifold.generations on generations.id = generation_id
          where target = $1
            and state = 'serving'
            and ($2::text is null or key is null or key = $2::text)
        ) as degraded,
        ${switchedTo('$3')} as switched_to,
        ${utcText('age.as_of')} as as_of,
        age.snapshot::text as snapshot,
        extract(epoch from age.lag) * 1000 as lag
      from (select) as asked
      left join trifold.generations as generation on generation.target = $1 and generation.state = 'serving'
      left join lateral trifold.age(generation.id) as age on true`,
    values: [target, key ?? null, readModel],
  })
  const row = rows[0] as Record<string, string | null>
  return {
    degraded: row.degraded === 't',
    switchedTo: row.switched_to ?? undefined,
    asOf: row.as_of ?? undefined,
    snapshot: row.snapshot ?? undefined,
    lag: row.lag === null ? undefined : Number(row.lag),
  }
}

// Of an owner that was overtaken after its recompute nothing counts: the next one may have parked another event of the key.
const isHeld = `
  exists (
    select
    from trifold.consumers as consumer
    where consumer.generation_id = suspect_keys.generation_id
      and consumer.epoch = $2
  )`

/**
 * Adds the keys that a parked event may have changed. It comes before the cursor moves, so that no reader sees a row that
 * lacks the event without knowing.
 *
 * @param keys key texts; undefined if nobody knows them, so that every key is suspect
 */
export async function addSuspectKeys(
  client: Executor,
  lease: Leased,
  parkedId: string,
  keys: readonly string[] | undefined,
): Promise<void> {
  await client.query(
    `insert into trifold.suspect_keys (parked_id, generation_id, key)
    select parked.id, parked.generation_id, named.key
    from trifold.parked
    join trifold.consumers as consumer on consumer.generation_id = parked.generation_id and consumer.epoch = $2
    cross join unnest($3::text[]) as named (key)
    where parked.id = $1
    on conflict do nothing`,
    [parkedId, lease.epoch, keys ?? [null]],
  )
}

/** Clears keys whose rows have been recomputed. @param keys key texts */
export async function clearSuspectKeys(client: Executor, lease: Leased, keys: readonly string[]): Promise<void> {
  await client.query(
    `delete from trifold.suspect_keys
    where generation_id = $1
      and ${isHeld}
      and key = any($3::text[])`,
    [lease.generation.id, lease.epoch, keys],
  )
}

/** Clears all that was suspect because of one parked event: every row that it may have changed was recomputed. */
export async function clearSuspectsOf(client: Executor, parkedId: string): Promise<void> {
  await client.query('delete from trifold.suspect_keys where parked_id = $1', [parkedId])
}

/** Keeps why the row of a key cannot be recomputed. */
export async function explainSuspectKey(client: Executor, lease: Leased, key: string, reason: string): Promise<void> {
  await client.query(
    `update trifold.suspect_keys
    set reason = $4
    where generation_id = $1
      and ${isHeld}
      and key = $3`,
    [lease.generation.id, lease.epoch, key, reason],
  )
}
