import type pg from 'pg'
import { unreadEvents } from '../outbox/retained.ts'

/** The era of a cursor that was cut off: none. Every comparison with another era says that the target needs a rebuild. */
export const noEra = 0

/** A cursor that has not passed a partition of the outbox. */
export interface HoldingCursor {
  target: string
  generationId: string
  epoch: number
  /** How long nobody has kept it, in milliseconds. */
  abandoned: number
}

/** The cursors whose consumers have yet to read events of a partition, the slowest first. @param partition its name */
export async function readHoldingCursors(
  client: Pick<pg.ClientBase, 'query'>,
  partition: string,
): Promise<HoldingCursor[]> {
  const { rows } = await client.query(
    `select
      target,
      generation_id,
      epoch,
      extract(epoch from clock_timestamp() - greatest(
        nullif(lease_until, '-infinity'),
        applied_at,
        generations.served_at,
        generations.created_at
      )) * 1000 as abandoned
    from trifold.consumers
    join trifold.generations on generations.id = generation_id
    left join trifold.windows on windows.id = window_id
    where state <> 'dropped'
      and consumers.era <> ${noEra}
      and (windows.id is null or exists (${unreadEvents(partition, 'windows.snapshot')}))
    order by window_id`,
  )
  return rows.map((row) => ({
    target: row.target,
    generationId: row.generation_id,
    epoch: Number(row.epoch),
    abandoned: Math.max(0, Number(row.abandoned)),
  }))
}

/**
 * Cuts a cursor off: its owner moves it no more, and it keeps no windows. Committed before events are dropped, since its
 * owner may be reading them.
 *
 * @returns false if the lease was taken meanwhile
 */
export async function cutOff(
  client: Pick<pg.ClientBase, 'query'>,
  { generationId, epoch }: Pick<HoldingCursor, 'generationId' | 'epoch'>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update trifold.consumers
    set era = ${noEra}, epoch = epoch + 1, version = version + 1
    where generation_id = $1
      and epoch = $2::bigint`,
    [generationId, epoch],
  )
  return rowCount === 1
}
