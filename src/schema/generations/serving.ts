import type pg from 'pg'
import { type Generation, generationColumns, generationOf } from './generation.ts'

/** The generation that serves the target now. */
export async function servingGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<Generation | undefined> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where target = $1 and state = 'serving'`,
    [target],
  )
  return rows[0] && generationOf(rows[0])
}

/** The id of the generation that serves; no other can serve until the transaction ends. */
export async function lockServing(client: pg.ClientBase, target: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `select id
    from trifold.generations
    where target = $1
      and state = 'serving'
    for update`,
    [target],
  )
  return rows[0]?.id
}

/** The storage of the generation that serves; no other can serve until the transaction ends. */
export async function lockServingStorage(client: pg.ClientBase, target: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `select storage
    from trifold.generations
    where target = $1
      and state = 'serving'
    for share`,
    [target],
  )
  return rows[0]?.storage
}

/** Whether a generation serves; if so, no other can until the transaction ends. */
export async function lockIfServing(client: pg.ClientBase, { id }: Pick<Generation, 'id'>): Promise<boolean> {
  const { rows } = await client.query(
    `select
    from trifold.generations
    where id = $1
      and state = 'serving'
    for share`,
    [id],
  )
  return rows.length === 1
}

/** The generation that serves, and the epoch of its cursor if it has one. */
export async function servingEpoch(
  client: pg.ClientBase,
  target: string,
): Promise<{ id: string; epoch: number | undefined } | undefined> {
  const { rows } = await client.query(
    `select id, consumers.epoch
    from trifold.generations
    left join trifold.consumers on generation_id = id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  const [row] = rows
  return row && { id: row.id, epoch: row.epoch === null ? undefined : Number(row.epoch) }
}

/** Where a target is: its storage, and the ordinal of its cursor if it has one; `at` is the database's clock. */
export async function servingPlace(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<{ storage: string; ordinal: number | undefined; at: string } | undefined> {
  const { rows } = await client.query(
    `select storage, consumers.ordinal, clock_timestamp() as at
    from trifold.generations
    left join trifold.consumers on generation_id = generations.id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  const [row] = rows
  return row && { storage: row.storage, ordinal: row.ordinal === null ? undefined : Number(row.ordinal), at: row.at }
}

/** Retires the generation that serves; inside the transaction that serves the next one. */
export async function retireServing(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<void> {
  await client.query(
    `update trifold.generations
    set state = 'retired', retired_at = now()
    where target = $1 and state = 'serving'`,
    [target],
  )
}

/** Makes a generation the serving one; the one before was retired. */
export async function markServing(client: Pick<pg.ClientBase, 'query'>, { id }: Pick<Generation, 'id'>): Promise<void> {
  await client.query(
    `update trifold.generations
    set
      state = 'serving',
      built_at = coalesce(built_at, now()),
      served_at = now(),
      warm_until = null
    where id = $1`,
    [id],
  )
}
