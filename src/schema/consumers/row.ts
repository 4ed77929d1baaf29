import type pg from 'pg'
import { lastOrdinal, type Window } from '../windows.ts'

/** Creates the cursor of a generation, at the end of a window. */
export async function insertConsumer(
  client: pg.ClientBase,
  generationId: string,
  window: Window,
  { epoch, handlersVersion }: { epoch: number; handlersVersion: number },
): Promise<void> {
  await client.query(
    `insert into trifold.consumers (generation_id, era, window_id, page_window, ordinal, epoch, handlers_version)
    values ($1, $2, $3, $3, $4, $5, $6)`,
    [generationId, window.era, window.id, lastOrdinal(window), epoch, handlersVersion],
  )
}

/** Raises the epoch, so that its owner moves the cursor no more. @returns false if there is no cursor with `epoch` */
export async function endEpoch(client: pg.ClientBase, generationId: string, epoch?: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `update trifold.consumers
    set epoch = epoch + 1, version = version + 1
    where generation_id = $1
      and epoch = coalesce($2::bigint, epoch)`,
    [generationId, epoch ?? null],
  )
  return rowCount !== 0
}

/** Deletes the cursor of a generation, if it has one. */
export async function deleteConsumer(client: Pick<pg.ClientBase, 'query'>, generationId: string): Promise<void> {
  await client.query(`delete from trifold.consumers where generation_id = $1`, [generationId])
}

/** Who keeps a lease of the target: it runs, and its owner's connection is open. */
export async function keepingOwner(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `select consumers.owner
    from trifold.consumers
    join trifold.generations on generations.id = generation_id
    join pg_stat_activity as backend
      on backend.pid = backend_pid
      and backend.backend_start = consumers.backend_start
    where target = $1
      and lease_until > clock_timestamp()`,
    [target],
  )
  return rows[0]?.owner
}
