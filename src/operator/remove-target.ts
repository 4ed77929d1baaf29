import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { facadeRelation, targetName } from '../facade.ts'
import { whileRebuilding } from '../rebuild/lock.ts'
import { keepingOwner } from '../schema/consumers.ts'
import { deleteGenerations, storagesOf, storedTargets } from '../schema/generations.ts'
import { deleteMinutes } from '../schema/minutes.ts'
import { deleteRefreshes } from '../schema/refreshes.ts'
import { deleteSchedule } from '../schema/schedules.ts'
import { deleteServing, isServingTarget } from '../schema/serving.ts'
import { deleteTroubles } from '../schema/troubles.ts'
import { deleteVerifications } from '../schema/verifications.ts'
import { qualified, sqlState } from '../sql.ts'
import { parseTarget } from '../target.ts'
import { storageEngine } from '../toolkit/storage-engine.ts'
import type { Toolkit } from '../toolkit.ts'

/** What was taken away. */
export interface Removal {
  target: string
  /** The relations and indexes that were dropped. */
  storages: string[]
}

/** How long readers that hold the storage are waited for, in milliseconds. */
const patience = 30_000

/**
 * Takes a target away with all that belongs to it: its relations or indexes, its names in SQL (the serving name too,
 * if the name shows it: the next rebuild of another target claims the name), its consumer, schedule and history. The
 * write model and the outbox are not touched. What has gone already is no error, so it can be repeated.
 *
 * The numbers of its generations begin again afterwards, so its worker must have ended. A broken target is removed too, and
 * one that is in the configuration no more.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, REBUILD_RUNNING, TARGET_KEPT if a worker holds its lease, or something
 * reads its storage or depends on it, SEARCH_NOT_CONFIGURED, SEARCH_UNREACHABLE
 */
export async function removeTarget(toolkit: Toolkit, target: string): Promise<Removal> {
  const { config, pool } = toolkit
  if (!(await storedTargets(pool)).includes(target)) toolkit.checkTarget(target)
  const removal = await whileRebuilding(config.database, target, async () => {
    await refuseKept(pool, target)
    const storages = await storagesOf(pool, target)
    const engine = await storageEngine(config, target)
    const client = await pool.connect()
    try {
      await dropNames(client, target, config.schema)
      for (const storage of storages) await patiently(target, () => engine.drop(client, storage))
      await inTransaction(client, () => forget(client, target))
    } finally {
      client.release()
      await engine.close()
    }
    return { target, storages }
  })
  if (!removal) throw rebuilding(target)
  return removal
}

async function refuseKept(pool: pg.Pool, target: string): Promise<void> {
  const owner = await keepingOwner(pool, target)
  if (owner !== undefined) throw kept(target, `the worker ${owner} keeps it; stop that worker first`)
}

/** Only facades of Trifold are dropped, and the serving name only if it shows this target. An index has none. */
async function dropNames(client: pg.ClientBase, target: string, schema: string): Promise<void> {
  const { readModel: name } = parseTarget(target)
  const names = (await isServingTarget(client, name, target)) ? [name, targetName(target)] : [targetName(target)]
  for (const one of names) {
    if (!(await facadeRelation(client, { schema, name: one }))) continue
    await dropName(client, target, qualified(schema, one))
  }
}

async function dropName(client: pg.ClientBase, target: string, view: string): Promise<void> {
  await patiently(target, async () => {
    try {
      await inTransaction(client, async () => {
        await client.query(`set local lock_timeout = '2s'`)
        await client.query(`drop view if exists ${view}`)
      })
      return true
    } catch (error) {
      if (sqlState(error) === '55P03') return false
      if (sqlState(error) === '2BP01') throw kept(target, `${(error as Error).message}; drop that first`)
      throw error
    }
  })
}

/** The rows of its consumers and row snapshots go with its generations. */
async function forget(client: pg.ClientBase, target: string): Promise<void> {
  await deleteRefreshes(client, target)
  await deleteMinutes(client, target)
  await deleteVerifications(client, target)
  await deleteSchedule(client, target)
  await deleteServing(client, target)
  await deleteTroubles(client, [target])
  await deleteGenerations(client, target)
}

async function patiently(target: string, attempt: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + patience; performance.now() < end; await delay(100)) {
    if (await attempt()) return
  }
  throw kept(target, 'open transactions read it, or another view depends on it; end or drop those')
}

const kept = (target: string, reason: string): TrifoldError =>
  new TrifoldError('TARGET_KEPT', `remove: ${target} cannot be removed: ${reason}`)

const rebuilding = (target: string): TrifoldError =>
  new TrifoldError('REBUILD_RUNNING', `remove: ${target} is being rebuilt by another process now; wait for it`)
