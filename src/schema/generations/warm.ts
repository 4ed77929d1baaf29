import type pg from 'pg'
import { utcText } from '../../sql.ts'
import { type Generation, generationColumns, generationOf } from './generation.ts'

/** A generation that was replaced and still follows. */
export interface WarmGeneration extends Generation {
  /** The SELECT that it was built from. */
  sql: string
  /** ISO 8601 in UTC. */
  until: string
  isOver: boolean
  handlersVersion: number
}

/** An SQL condition: a generation that was replaced still follows; null without such a time. */
export const isWarm = 'warm_until > clock_timestamp()'

/**
 * Lets the generation that was just replaced follow for some milliseconds; any other of the target follows no more. In the
 * transaction that serves the next one.
 */
export async function keepWarm(
  client: Pick<pg.ClientBase, 'query'>,
  { id, target }: Pick<Generation, 'id' | 'target'>,
  milliseconds: number,
): Promise<void> {
  await client.query(
    `update trifold.generations
    set
      warm_until = case when id = $2 and definition is not null then now() + $3 * interval '1 millisecond' end,
      cold_reason = null
    where target = $1
      and state = 'retired'`,
    [target, id, milliseconds],
  )
}

/** The generation of a target that follows, or whose time is over and that is to be dropped. */
export async function warmGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<WarmGeneration | undefined> {
  const { rows } = await client.query(
    `select
      ${generationColumns},
      definition,
      ${utcText('warm_until')} as until,
      not ${isWarm} as is_over,
      handlers_version
    from trifold.generations
    join trifold.consumers on generation_id = id
    where target = $1
      and state = 'retired'
      and warm_until is not null
    order by number desc
    limit 1`,
    [target],
  )
  const [row] = rows
  return (
    row && {
      ...generationOf(row),
      sql: row.definition,
      until: row.until,
      isOver: row.is_over === 't',
      handlersVersion: Number(row.handlers_version),
    }
  )
}

/** The generation of a target that served last before the one that serves; its rows may be gone. */
export async function replacedGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<Generation | undefined> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where target = $1
      and state in ('retired', 'dropped')
      and served_at is not null
    order by retired_at desc
    limit 1`,
    [target],
  )
  return rows[0] && generationOf(rows[0])
}

/** Whether a window behind a generation's cursor has events, or so much time has passed that others wait for its cursor. */
export async function isBehind(client: Pick<pg.ClientBase, 'query'>, { id }: Pick<Generation, 'id'>): Promise<boolean> {
  const { rows } = await client.query(
    `select
      position is not null or exists (
        select
        from trifold.windows
        where windows.id > window_id
          and (event_count > 0 or taken_at > reached.taken_at + interval '1 minute')
      ) as behind
    from trifold.consumers
    left join lateral (
      select taken_at
      from trifold.windows
      where id = window_id
    ) as reached on true
    where generation_id = $1`,
    [id],
  )
  return rows[0]?.behind !== 'f'
}

/** Ends that a generation follows, and keeps why. */
export async function coolGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Pick<Generation, 'id'>,
  reason: string,
): Promise<void> {
  await client.query('update trifold.generations set warm_until = now(), cold_reason = $2 where id = $1', [id, reason])
}

/** Why the generation of a target that was replaced last does not follow any more; undefined if that is not known. */
export async function coldReason(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `select cold_reason
    from trifold.generations
    where target = $1
      and state in ('retired', 'dropped')
    order by retired_at desc nulls last
    limit 1`,
    [target],
  )
  return rows[0]?.cold_reason ?? undefined
}
