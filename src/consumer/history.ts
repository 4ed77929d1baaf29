import type pg from 'pg'
import { raiseEra } from '../era.ts'
import { isTrifoldError } from '../errors.ts'
import type { Feed } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { Observe } from '../observe.ts'
import { noEra } from '../schema/consumers.ts'
import { isContinuous, storedEra } from '../schema/history.ts'

/**
 * Why a cursor cannot go on in the era of the database. The era is read after the lease was taken: one that begins later
 * ends the lease if the cursor may not go on.
 */
export async function differentHistory(client: pg.Client, lease: Lease): Promise<string | undefined> {
  if (lease.cursor.era === noEra) return 'the outbox dropped events that it had not read'
  const era = await storedEra(client)
  if (await isContinuous(client, lease.cursor.era, era)) return undefined
  return `its cursor belongs to era ${lease.cursor.era} of another history, the database is in era ${era}`
}

/**
 * Whether a feed has not seen the newest era begin. After a failover that may be because it is still connected to the server
 * of before, whose next windows are not of this history.
 */
export const isLeftBehind = async (client: pg.Client, { latest }: Pick<Feed, 'latest'>): Promise<boolean> =>
  latest.era < (await storedEra(client))

/**
 * Begins a new era if an index showed what this database does not know, because it may have forgotten it: commit tokens of
 * the history that was lost must not be taken for tokens of this one.
 */
export async function noticeBranch(client: pg.Client, error: unknown, observe: Observe | undefined): Promise<void> {
  if (!isTrifoldError(error, 'INDEX_OWNED') || typeof error.details.era !== 'number') return
  await raiseEra(client, error.details.era, observe)
}
