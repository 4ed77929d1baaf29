// The table `trifold.suspect_keys`: keys whose rows are not known to be right, because an event was parked.
import type pg from 'pg'

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

/** Whether an answer of a target may rest on a suspect key. @param key the text of the only key in it, if that is known */
export async function isDegraded(pool: Executor, target: string, key: string | undefined): Promise<boolean> {
  const { rows } = await pool.query({
    name: 'trifold_degraded',
    text: `
      select exists (
        select
        from trifold.suspect_keys
        join trifold.generations on generations.id = generation_id
        where target = $1
          and state = 'serving'
          and ($2::text is null or key is null or key = $2::text)
      ) as degraded`,
    values: [target, key ?? null],
  })
  return rows[0]?.degraded === 't'
}

/** Clears keys whose rows have been recomputed. @param keys key texts */
export async function clearSuspectKeys(client: Executor, generationId: string, keys: readonly string[]): Promise<void> {
  await client.query(
    `delete from trifold.suspect_keys
    where generation_id = $1
      and key = any($2::text[])`,
    [generationId, keys],
  )
}

/** Clears all that was suspect because of one parked event: every row that it may have changed was recomputed. */
export async function clearSuspectsOf(client: Executor, parkedId: string): Promise<void> {
  await client.query('delete from trifold.suspect_keys where parked_id = $1', [parkedId])
}

/** Keeps why the row of a key cannot be recomputed. */
export async function explainSuspectKey(
  client: Executor,
  generationId: string,
  key: string,
  reason: string,
): Promise<void> {
  await client.query(
    `update trifold.suspect_keys
    set reason = $3
    where generation_id = $1
      and key = $2`,
    [generationId, key, reason],
  )
}
