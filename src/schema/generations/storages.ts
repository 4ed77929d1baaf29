import type pg from 'pg'
import type { Generation } from './generation.ts'

/** The generations of a target whose storage may still exist and that do not serve; with `only` at most that one. */
export async function unservedGenerations(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  only?: Pick<Generation, 'id'>,
): Promise<Pick<Generation, 'id' | 'storage'>[]> {
  const { rows } = await client.query(
    `select id, storage
    from trifold.generations
    where target = $1
      and state in ('building', 'built', 'retired')
      and id = coalesce($2, id)`,
    [target, only?.id ?? null],
  )
  return rows
}

/** Notes that the storage of a generation was dropped. */
export async function markDropped(client: Pick<pg.ClientBase, 'query'>, id: string): Promise<void> {
  await client.query(
    `update trifold.generations
    set state = 'dropped', retired_at = coalesce(retired_at, now())
    where id = $1`,
    [id],
  )
}

/** The storages of a target that were not dropped, the oldest first. */
export async function storagesOf(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<string[]> {
  const { rows } = await client.query(
    `select storage
    from trifold.generations
    where target = $1
      and state <> 'dropped'
    order by number`,
    [target],
  )
  return rows.map((row) => row.storage as string)
}

/** Deletes the generations of a target; their consumers and row snapshots go with them. */
export async function deleteGenerations(client: pg.ClientBase, target: string): Promise<void> {
  await client.query('delete from trifold.generations where target = $1', [target])
}

/** The generations of a target that have a storage: their states, and why they were built. */
export async function keptGenerations(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<Pick<Generation & { reason: string }, 'state' | 'reason'>[]> {
  const { rows } = await client.query(
    `select state, reason
    from trifold.generations
    where target = $1
      and state <> 'dropped'`,
    [target],
  )
  return rows
}
