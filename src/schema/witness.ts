// What an index says of the history in which it was written, against the tables that would know it.
import type pg from 'pg'

/** What an index names of the database, each of which is stored there before an index names it. */
export interface Witness {
  era: number
  /** Of the last owner of its generation. */
  epoch: number
  /** The newest window that it may show. */
  window: number
  nonce: string
}

/**
 * What an index names that the database does not know: it was written in another history. Undefined if the database knows
 * all, has noticed already that its history branched, or does not serve the index.
 *
 * @param era of the database
 */
export async function forgotten(
  database: Pick<pg.ClientBase, 'query'>,
  index: string,
  { era: claimed, epoch, window, nonce }: Witness,
  era: number,
): Promise<string | undefined> {
  if (claimed > era) return `belongs to era ${claimed}, the database is in era ${era}`
  if (claimed < era) return undefined
  const { rows } = await database.query(
    `select
      consumers.epoch,
      (
        select count(*)
        from trifold.windows
        where id = $2
          and nonce = $3
      ) as known
    from trifold.generations
    join trifold.consumers on generation_id = generations.id
    where storage = $1
      and state = 'serving'`,
    [index, window, nonce],
  )
  const [given] = rows
  if (!given) return undefined
  if (epoch > Number(given.epoch))
    return `is ahead: it was written under epoch ${epoch}, the database gave epoch ${given.epoch}`
  return given.known === '0' ? `names window ${window}, which is of another history` : undefined
}
