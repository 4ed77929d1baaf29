import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { inTransaction } from '../../database.ts'
import { isTrifoldError, TrifoldError } from '../../errors.ts'
import { facadesOf, readFacade } from '../../facade/statements.ts'
import { pointFacade } from '../../facade.ts'
import { faultPoint } from '../../fault.ts'
import { dropRelation } from '../../generation/relation.ts'
import { lockSession } from '../../materializers/view/lock.ts'
import { type Generation, recordStorage } from '../../schema/generations.ts'
import { qualified, sqlState } from '../../sql.ts'

/** Milliseconds between two attempts; readers pass between them. */
const pause = 150

/** The table that takes the place of a materialized view. */
export const copyOf = (storage: string): string => `${storage}_copy`

export const isCopy = (storage: string): boolean => /__view_g\d+_copy$/.test(storage)

/**
 * Replaces the materialized view of a generation by a table with its columns, rows and indexes, and points its names there.
 * Readers see the same rows before and after. Nothing is left that depends on the tables of the definition.
 *
 * @param client its connection keeps the lock of refreshes until it is closed
 * @param deadline by `performance.now()`
 * @throws REFRESH_RUNNING, TARGET_KEPT if a refresh or readers take longer than that, or another view reads it
 */
export async function replaceByCopy(client: pg.ClientBase, generation: Generation, deadline: number): Promise<void> {
  const { target, storage } = generation
  if (!(await patiently(deadline, () => lockSession(client, target)))) throw refreshing(target)
  const copy = copyOf(storage)
  if (!(await dropRelation(client, copy)))
    throw kept(target, `something uses trifold.${copy}, which an interrupted run left`)
  await inTransaction(client, () => copyRows(client, storage, copy))
  await faultPoint('detach:copied')
  try {
    if (!(await patiently(deadline, () => swapped(client, generation, copy))))
      throw kept(target, 'open transactions read it')
  } catch (error) {
    await dropRelation(client, copy).catch(() => {}) // the next attempt does it
    throw error
  }
}

/** Until it is done, or the time is over: at least once. */
export async function patiently(deadline: number, attempt: () => Promise<boolean>): Promise<boolean> {
  while (!(await attempt())) {
    if (performance.now() >= deadline) return false
    await delay(pause)
  }
  return true
}

async function copyRows(client: pg.ClientBase, storage: string, copy: string): Promise<void> {
  const table = qualified('trifold', copy)
  const view = qualified('trifold', storage)
  await client.query(`create table ${table} (like ${view} including all)`)
  await client.query(`insert into ${table} select * from ${view}`)
  await client.query(`analyze ${table}`)
}

/** All names at once, so that none shows a view that is gone; false if readers hold one of them. */
async function swapped(client: pg.ClientBase, generation: Generation, copy: string): Promise<boolean> {
  try {
    await inTransaction(client, async () => {
      for (const facade of await facadesOf(client, generation.storage)) {
        const columns = (await readFacade(client, facade))?.columns ?? []
        await pointFacade(client, { ...facade, relation: copy, columns }, { patience: 0 })
      }
      await client.query(`set local lock_timeout = '500ms'`)
      await client.query(`drop materialized view ${qualified('trifold', generation.storage)}`)
      await recordStorage(client, generation, copy)
      await faultPoint('detach:swapping')
    })
    return true
  } catch (error) {
    if (isTrifoldError(error, 'FACADE_BUSY') || sqlState(error) === '55P03') return false
    if (sqlState(error) === '2BP01')
      throw kept(generation.target, `${(error as pg.DatabaseError).detail}; drop that first`)
    throw error
  }
}

const refreshing = (target: string): TrifoldError =>
  new TrifoldError(
    'REFRESH_RUNNING',
    `detach: ${target} is being refreshed now, for longer than the command waits; wait for that, or give it more time (--wait 10m)`,
  )

export const kept = (target: string, reason: string): TrifoldError =>
  new TrifoldError('TARGET_KEPT', `detach: ${target} cannot be detached: ${reason}`)
