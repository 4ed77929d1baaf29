import type pg from 'pg'

/** What was applied to an index: the last window, and the epoch under which. */
export interface Applying {
  generation: { id: string; storage: string }
  epoch: number
  cursor: { window: number }
}

/** Records that readers see what was applied. How far they see never goes back, and an old epoch records nothing. */
export async function recordSearchable(
  database: Pick<pg.Pool, 'query'>,
  { generation, epoch, cursor }: Applying,
): Promise<void> {
  await database.query({
    name: 'trifold_searchable',
    text: `
      update trifold.consumers
      set searchable_window = $3::bigint
      where generation_id = $1::bigint
        and epoch = $2::bigint
        and coalesce(searchable_window, 0) <= $3::bigint`,
    values: [generation.id, epoch, cursor.window],
  })
}

/** How far the consumer of the generation that serves has come, whichever process runs it. */
export async function appliedPlace(database: Pick<pg.Pool, 'query'>, target: string): Promise<Applying | undefined> {
  const { rows } = await database.query(
    `select storage, consumers.generation_id, consumers.epoch, consumers.window_id
    from trifold.generations
    join trifold.consumers on consumers.generation_id = generations.id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  const [row] = rows
  if (!row) return undefined
  const generation = { id: row.generation_id, storage: row.storage }
  return { generation, epoch: Number(row.epoch), cursor: { window: Number(row.window_id) } }
}
