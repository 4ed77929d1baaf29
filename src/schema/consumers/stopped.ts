import type pg from 'pg'

/** Where a target stopped. */
export interface StoppedAt {
  /** The generation that serves. */
  generationId: string | undefined
  failed: boolean
}

/** @param pool of `database.ts` */
export async function readStoppedAt(pool: Pick<pg.Pool, 'query'>, target: string): Promise<StoppedAt> {
  const { rows } = await pool.query(
    `select generations.id, consumers.failure is not null as failed
    from trifold.generations
    left join trifold.consumers on generation_id = generations.id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  return { generationId: rows[0]?.id, failed: rows[0]?.failed === 't' }
}

/**
 * Clears why a target stopped, so that its worker tries again.
 *
 * @param code only if it stopped for this
 * @returns what it was; undefined if it runs, or stopped for something else
 */
export async function clearFailure(
  pool: Pick<pg.ClientBase, 'query'>,
  target: string,
  code?: string,
): Promise<string | undefined> {
  const { rows } = await pool.query(
    `with stopped as (
      select generation_id, consumers.failure
      from trifold.consumers
      join trifold.generations on generations.id = generation_id
      where target = $1
        and state = 'serving'
        and consumers.failure is not null
        and ($2::text is null or consumers.failure ->> 'code' = $2)
      for update of consumers
    )
    update trifold.consumers
    set failure = null, attempt = null
    from stopped
    where consumers.generation_id = stopped.generation_id
    returning stopped.failure`,
    [target, code ?? null],
  )
  return rows[0]?.failure
}
