import type pg from 'pg'
import { openClient } from '../../database.ts'
import { TrifoldError } from '../../errors.ts'
import { keepLease } from '../../lease/keep.ts'
import { type Lease, seizeLease } from '../../lease.ts'
import type { EventFed, Materializer } from '../../materializer.ts'
import { pause } from '../../pause.ts'
import { whileLocked, whileRebuilding } from '../../rebuild/lock.ts'
import { readStoppedAt, releaseLease } from '../../schema/consumers.ts'
import { type Generation, lastRefreshed, servingEpoch, servingGeneration } from '../../schema/generations.ts'
import { withinTime } from '../within-time.ts'

/** Throws if a target may have shown something new since it was held still. */
export type CheckStill = (client: pg.ClientBase) => Promise<void>

const pauseBetween = 50
/** An engine that does not answer shows nothing to readers either. */
const engineTimeout = 5_000

/**
 * Runs `work` while some targets show nothing new: no event is applied to them, no refresh or rebuild of them begins. What is
 * under way ends first.
 *
 * @param signal ends the wait for a refresh that is under way
 * @throws REBUILD_RUNNING; REFRESH_RUNNING if the signal aborts before a refresh has ended
 */
export async function whileStill<T>(
  [first, ...others]: readonly Materializer[],
  signal: AbortSignal,
  work: (check: CheckStill) => Promise<T>,
): Promise<T> {
  if (!first) return work(async () => {})
  return whileOneStill(first, signal, (check) =>
    whileStill(others, signal, (checkOthers) =>
      work(async (client) => {
        await check(client)
        await checkOthers(client)
      }),
    ),
  )
}

async function whileOneStill<T>(
  materializer: Materializer,
  signal: AbortSignal,
  work: (check: CheckStill) => Promise<T>,
): Promise<T> {
  const { databaseUrl, target, pool } = materializer.context
  const done = await whileRebuilding(databaseUrl, target, async () => {
    const generation = await servingGeneration(pool, target)
    if (!generation) return { value: await work(async () => {}) }
    if (materializer.fedBy === 'events') return { value: await whileLeased(materializer, generation, work) }
    return { value: await whileUnrefreshed(materializer, signal, work) }
  })
  if (!done) throw rebuilding(target)
  return done.value
}

async function whileUnrefreshed<T>(
  { context: { databaseUrl, target, pool } }: Materializer,
  signal: AbortSignal,
  work: (check: CheckStill) => Promise<T>,
): Promise<T> {
  while (!signal.aborted) {
    const done = await whileLocked(databaseUrl, `refresh ${target}`, async () => {
      const before = await lastRefreshed(pool, target)
      return {
        value: await work(async (client) => {
          if ((await lastRefreshed(client, target))?.snapshot !== before?.snapshot) throw moved(target)
        }),
      }
    })
    if (done) return done.value
    await pause(pauseBetween, signal)
  }
  throw refreshing(target)
}

/** A target that has stopped is still by itself. */
async function whileLeased<T>(
  materializer: EventFed,
  generation: Generation,
  work: (check: CheckStill) => Promise<T>,
): Promise<T> {
  const { databaseUrl, target, pool } = materializer.context
  const client = await openClient(databaseUrl, { name: `switch ${target}` })
  try {
    const { failed } = await readStoppedAt(pool, target)
    const lease = failed ? undefined : await seizeLease(client, generation, `switch ${target}`)
    if (!lease) return await work((other) => refuseMoved(other, generation, undefined))
    return await whileKept(client, lease, async () => {
      await own(materializer, lease, client)
      return work((other) => refuseMoved(other, generation, lease))
    })
  } finally {
    await client.end()
  }
}

/** A page that is on its way to an index ends, or finds the new owner: nothing later than now is written by the one before. */
const own = (materializer: EventFed, lease: Lease, client: pg.ClientBase): Promise<unknown> =>
  withinTime(materializer.begin(lease, client), engineTimeout, materializer.context.target).catch(() => {})

async function whileKept<T>(client: pg.ClientBase, lease: Lease, work: () => Promise<T>): Promise<T> {
  const keeping = keepLease(client, lease)
  try {
    return await work()
  } finally {
    keeping.stop()
    await releaseLease(client, lease).catch(() => {}) // without a connection it runs out by itself
  }
}

async function refuseMoved(client: pg.ClientBase, { id, target }: Generation, lease: Lease | undefined): Promise<void> {
  const serving = await servingEpoch(client, target)
  if (serving?.id !== id || (lease && serving.epoch !== lease.epoch)) throw moved(target)
}

const moved = (target: string): TrifoldError =>
  new TrifoldError(
    'LEASE_LOST',
    `switch: another process took ${target} meanwhile, so nothing was switched; run it again`,
  )

const rebuilding = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `switch: ${target} is being rebuilt by another process now; look at \`trifold status\`, and switch afterwards`,
  )

const refreshing = (target: string): TrifoldError =>
  new TrifoldError(
    'REFRESH_RUNNING',
    `switch: a refresh of ${target} that was under way did not end in time; run it again, with a longer --timeout`,
  )
