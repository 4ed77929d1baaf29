import type pg from 'pg'
import { inTransaction } from './database.ts'
import { TrifoldError } from './errors.ts'
import { tick } from './feed/tick.ts'
import type { Observations, Observe } from './observe.ts'
import { endLeases } from './schema/consumers.ts'
import { readEra, setEra } from './schema/era.ts'
import { compareHistory, type History, insertHistory } from './schema/history.ts'
import { lockOutbox } from './schema/outbox.ts'
import { insertEmptyWindow, lastOrdinal, lastWindow } from './schema/windows.ts'

/** Why an era begins. */
type Branch = Omit<Observations['era.began'], 'era'>

const lockTimeout = '5s'

/**
 * The era of the database. If its history may have branched since the last look, a new era begins first: the timeline
 * changed (failover, point-in-time recovery), the cluster did (pg_upgrade, a dump restored elsewhere), or this is another
 * database of the same cluster (a copy by `create database … template`, a dump restored beside or over the original).
 *
 * After a promotion `pg_control_checkpoint()` still gives the old timeline for a while; the name of the current WAL file
 * is right at once.
 *
 * @throws DATABASE_STANDBY
 */
export async function currentEra(client: pg.ClientBase, observe?: Observe): Promise<number> {
  const history = await readHistory(client)
  const branch = branchOf(history)
  return branch ? beginEra(client, history, branch, observe) : history.era
}

const placeOf = { cluster: 'system', database: 'database', timeline: 'timeline' } as const

function branchOf({ stored, now, branch }: History): Branch | undefined {
  return branch && { reason: branch, from: stored[placeOf[branch]], to: now[placeOf[branch]] }
}

/**
 * Begins a new era above the given one: a later, or another, history was seen.
 *
 * @param reason where: in an index, or in the log as this process knew it
 */
export async function raiseEra(
  client: pg.ClientBase,
  above: number,
  observe?: Observe,
  reason: 'index' | 'log' = 'index',
): Promise<number> {
  const history = await readHistory(client)
  return history.era > above ? history.era : beginEra(client, { ...history, era: above }, { reason }, observe)
}

/**
 * Begins a new era because an operator says that history has branched: nothing of before counts, and every consumer takes
 * its lease again, which finds that out.
 *
 * @throws DATABASE_STANDBY
 */
export async function newEra(client: pg.ClientBase, observe?: Observe): Promise<number> {
  return beginEra(client, await readHistory(client), { reason: 'operator' }, observe)
}

async function readHistory(client: pg.ClientBase): Promise<History> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby')
  if (rows[0].standby === 't') {
    throw new TrifoldError(
      'DATABASE_STANDBY',
      'era: a worker needs the primary, but this server is a standby; point DATABASE_URL at the primary',
    )
  }
  return compareHistory(client)
}

/**
 * Closes the old era with a last window and begins the next one with an empty window. The lock on the outbox waits for
 * the appends that are under way, so that no row of the old era can appear later; the era itself is a sequence, so that
 * an append which waited behind the lock is of the new era, whatever its snapshot.
 */
async function beginEra(
  client: pg.ClientBase,
  history: History,
  branch: Branch,
  observe: Observe | undefined,
): Promise<number> {
  const { reason } = branch
  const { era, isNew } = await inTransaction(client, async () => {
    await client.query(`set local lock_timeout = '${lockTimeout}'`)
    await lockOutbox(client)
    const latest = await readHistory(client)
    if (!branchOf(latest) && latest.era > history.era) return { era: latest.era, isNew: false }
    // Snapshots of another history cannot be compared with this one's: what it left unread is read by the next rebuilds.
    if (reason !== 'cluster' && reason !== 'database') while (!(await tick(client, { evenIfEmpty: true })).stored) {} // until a race is won
    const given = await readEra(client) // above the stored one if a beginning was rolled back
    const era = Math.max(history.era, latest.era, given) + 1
    await setEra(client, era)
    await insertHistory(client, era, latest.now, reason)
    if (reason === 'operator') await endLeases(client)
    const last = await lastWindow(client)
    await insertEmptyWindow(client, { id: last.id + 1, era, firstOrdinal: lastOrdinal(last) + 1 })
    return { era, isNew: true }
  })
  if (isNew) observe?.({ kind: 'era.began', era, ...branch })
  return era
}
