import type pg from 'pg'
import type { Materializer } from '../materializer.ts'
import { failureOf } from '../observe.ts'
import { type Generation, lastRefreshed } from '../schema/generations.ts'
import { type EndedRun, insertRefresh } from '../schema/refreshes.ts'
import { sqlStateOf } from '../sql.ts'

/**
 * Writes the row of a rebuild of a table or an index that ends now; a view writes its own. The history never makes a rebuild
 * fail. A copy has several sessions, so its costs are unknown.
 *
 * @param client the session of the rebuild
 * @param began by `performance.now()`
 * @param error why it failed
 */
export async function recordRebuild(
  { fedBy }: Materializer,
  client: pg.ClientBase,
  { id, target }: Generation,
  began: number,
  error?: unknown,
): Promise<void> {
  if (fedBy === 'schedule') return
  const ended = {
    target,
    generationId: id,
    cause: 'rebuild',
    mode: 'copy',
    milliseconds: performance.now() - began,
  } as const
  const write = async () => insertRefresh(client, { ...ended, ...(await outcomeOf(client, target, error)) })
  await write().catch(() => {}) // the connection broke: what was observed says it
}

async function outcomeOf(
  client: pg.ClientBase,
  target: string,
  error: unknown,
): Promise<Pick<EndedRun, 'outcome' | 'rows' | 'inserted' | 'error' | 'code' | 'sqlState'>> {
  if (error !== undefined) {
    const { message, code } = failureOf(error)
    return { outcome: 'failed', error: message, code, sqlState: sqlStateOf(error) }
  }
  const rows = (await lastRefreshed(client, target))?.rows
  return { outcome: 'refreshed', rows: rows === undefined ? undefined : String(rows), inserted: rows }
}
