import type pg from 'pg'
import { type Generation, generationColumns, generationOf } from './generation.ts'
import { isWarm } from './warm.ts'

/** The generations of a target whose storage may still exist and that neither serve nor follow; with `only` at most that one. */
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
      and id = coalesce($2, id)
      and (id = $2 or warm_until is null or not ${isWarm})`,
    [target, only?.id ?? null],
  )
  return rows
}

/** The generations of all targets of a read model whose storage may still exist, also of targets that are configured no more. */
export async function standingGenerations(
  client: Pick<pg.ClientBase, 'query'>,
  readModel: string,
): Promise<Generation[]> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where split_part(target, '@', 1) = $1
      and state <> 'dropped'
    order by id`,
    [readModel],
  )
  return rows.map(generationOf)
}

/** Notes that the rows of a generation are in another relation now. */
export async function recordStorage(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Pick<Generation, 'id'>,
  storage: string,
): Promise<void> {
  await client.query('update trifold.generations set storage = $2 where id = $1', [id, storage])
}

/** The targets whose storages have these names, by storage. */
export async function targetsOfStorages(
  client: Pick<pg.ClientBase, 'query'>,
  storages: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await client.query(
    `select storage, target
    from trifold.generations
    where storage = any ($1::text[])
      and state <> 'dropped'`,
    [storages],
  )
  return new Map(rows.map(({ storage, target }) => [storage, target]))
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

/** The targets of which something is stored. */
export async function storedTargets(client: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await client.query(
    `select distinct target
    from trifold.generations
    where state <> 'dropped'
    order by target`,
  )
  return rows.map(({ target }) => target)
}
