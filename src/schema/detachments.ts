// The table `trifold.detachments`: read models whose targets are held while a migration of the application runs.
import type pg from 'pg'
import { utcText } from '../sql.ts'

/** How far a detachment is. */
export type DetachmentState = 'detaching' | 'detached' | 'attaching' | 'attached'

/** The last detachment of a read model. Times are ISO 8601 in UTC. */
export interface Detachment {
  state: DetachmentState
  detachedAt: string
  /** Undefined while the read model is detached. */
  attachedAt: string | undefined
}

/**
 * An SQL expression: since when the read model of a target is detached, as text; null if it is not.
 *
 * @param target an SQL expression
 */
export const detachedSince = (target: string): string => `(
    select ${utcText('detached_at')}
    from trifold.detachments
    where read_model = split_part(${target}, '@', 1)
      and attached_at is null
  )`

/** An SQL expression: the state of the detachment of a target's read model. @param target an SQL expression */
export const detachmentState = (target: string): string => `(
    select state
    from trifold.detachments
    where read_model = split_part(${target}, '@', 1)
  )`

/** The last detachment of a read model; undefined if it was never detached. */
export async function readDetachment(
  client: Pick<pg.ClientBase, 'query'>,
  readModel: string,
): Promise<Detachment | undefined> {
  const { rows } = await client.query(
    `select
      state,
      ${utcText('detached_at')} as detached_at,
      ${utcText('attached_at')} as attached_at
    from trifold.detachments
    where read_model = $1`,
    [readModel],
  )
  const [row] = rows
  return row && { state: row.state, detachedAt: row.detached_at, attachedAt: row.attached_at ?? undefined }
}

/** Begins a detachment, or goes on with one that was interrupted: then the time at which it began stays. */
export async function beginDetachment(client: Pick<pg.ClientBase, 'query'>, readModel: string): Promise<void> {
  await client.query(
    `insert into trifold.detachments as stored (read_model, state)
    values ($1, 'detaching')
    on conflict (read_model) do update
    set state = 'detaching',
      detached_at = case when stored.attached_at is null then stored.detached_at else excluded.detached_at end,
      attached_at = null`,
    [readModel],
  )
}

/** Notes how far a detachment is. */
export async function recordDetachment(
  client: Pick<pg.ClientBase, 'query'>,
  readModel: string,
  state: DetachmentState,
): Promise<void> {
  await client.query(
    `update trifold.detachments
    set state = $2, attached_at = case when $2 = 'attached' then clock_timestamp() end
    where read_model = $1`,
    [readModel, state],
  )
}
