import type pg from 'pg'

/** A consumer whose index is one page behind its cursor goes back by so many windows at most. */
const pageOfWindows = 1_000

/** Windows that are deleted in one transaction. */
const batch = 10_000

/**
 * Deletes windows that nobody reads any more: every consumer and every rebuild has passed them, and they are older than
 * `keepMilliseconds`. The newest window stays, and the one that a consumer has reached: the next continues it.
 *
 * @param options.keepBehind how many windows are kept behind the slowest consumer
 * @param client a connection outside of a transaction: each batch is its own transaction
 * @returns how many were deleted
 */
export async function pruneWindows(
  client: pg.ClientBase,
  options: { keepMilliseconds: number; keepBehind?: number; signal?: AbortSignal },
): Promise<number> {
  let deleted = 0
  while (!options.signal?.aborted) {
    const { rowCount } = await client.query({
      name: 'trifold_prune_windows',
      text: pruneStatement,
      values: [options.keepMilliseconds, batch, options.keepBehind ?? pageOfWindows],
    })
    deleted += rowCount ?? 0
    if (rowCount !== batch) break
  }
  return deleted
}

const pruneStatement = `
  delete from trifold.windows
  where id in (
    select id
    from trifold.windows
    where taken_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
      and id < least(
        (select max(id) from trifold.windows),
        (
          select min(window_id) - $3::bigint
          from trifold.consumers
          join trifold.generations on generations.id = generation_id
          where state <> 'dropped'
        ),
        (select min(build_window) from trifold.generations where state in ('building', 'built'))
      )
    order by id
    limit $2::bigint
  )`
