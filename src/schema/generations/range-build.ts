import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import { type Generation, generationColumns, generationOf } from './generation.ts'

/** Where a copy by key ranges begins. */
export interface RangeStart {
  /** A snapshot that is before those of all ranges, and the last window before it. */
  snapshot: Snapshot
  window: { id: number }
  handlersVersion: number
  /** Who copies. */
  builder: string
}

/** Notes where a copy by ranges begins, and who copies. */
export async function beginRanges(
  client: pg.ClientBase,
  { id }: Pick<Generation, 'id'>,
  { snapshot, window, handlersVersion, builder }: RangeStart,
): Promise<Generation> {
  const { rows } = await client.query(
    `update trifold.generations
    set
      build_snapshot = $2,
      build_window = $3,
      builder_version = $4,
      builder = $5
    where id = $1
    returning ${generationColumns}`,
    [id, snapshot.text, window.id, handlersVersion, builder],
  )
  return generationOf(rows[0])
}

/**
 * The newest generation of a target whose ranges were being copied, or were copied and are to catch up, unless its read
 * model was detached since it began.
 */
export async function interruptedBuild(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  handlersVersion: number,
): Promise<Generation | undefined> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where target = $1
      and state in ('building', 'built')
      and builder is not null
      and builder_version = $2
      and failure is null
      and not exists (
        select
        from trifold.detachments
        where read_model = split_part(target, '@', 1)
          and greatest(detached_at, attached_at) > created_at
      )
    order by number desc
    limit 1`,
    [target, handlersVersion],
  )
  return rows[0] && generationOf(rows[0])
}

/** Takes a build over: the process that had it copies no more. Waits for the range that is being copied. */
export async function takeBuild(client: pg.ClientBase, { id }: Pick<Generation, 'id'>, builder: string): Promise<void> {
  await client.query('update trifold.generations set builder = $2 where id = $1', [id, builder])
}

/** Whether `builder` still has the build; if so, nobody takes it over until the transaction ends. */
export async function holdBuild(
  client: pg.ClientBase,
  { id }: Pick<Generation, 'id'>,
  builder: string,
): Promise<boolean> {
  const { rows } = await client.query(
    `select
    from trifold.generations
    where id = $1
      and builder = $2
    for share`,
    [id, builder],
  )
  return rows.length === 1
}

/** Whether nobody has taken a build over; `builder` is unknown as long as no range was begun. */
export async function isBuilder(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Pick<Generation, 'id'>,
  builder: string,
): Promise<boolean> {
  const { rows } = await client.query(
    `select
    from trifold.generations
    where id = $1
      and coalesce(builder, $2) = $2`,
    [id, builder],
  )
  return rows.length === 1
}

/** Rows that were copied into the storage of a generation. */
export async function copiedRows(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Pick<Generation, 'id'>,
): Promise<number> {
  const { rows } = await client.query(
    `select coalesce(
      row_count,
      (select sum(row_count) from trifold.range_snapshots where generation_id = generations.id),
      0
    ) as copied
    from trifold.generations
    where id = $1`,
    [id],
  )
  return Number(rows[0].copied)
}
