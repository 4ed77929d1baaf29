import { openClient } from '../database.ts'
import { refuseDetached } from '../detachment.ts'
import type { Value } from '../encoding.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { feedSettings } from '../feed.ts'
import { noIdleTransactions } from '../lease/time.ts'
import { type Lease, seizeLease } from '../lease.ts'
import type { EventFed, Materializer } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { pause } from '../pause.ts'
import { rebuildTarget } from '../rebuild.ts'
import { releaseLease } from '../schema/consumers.ts'
import { servingGeneration } from '../schema/generations.ts'
import { windowsFrom } from '../schema/windows.ts'
import { never, tryAgainAfter } from './extent.ts'

/** Keys that are recomputed at once. */
const keysAtOnce = 1_000

/** How often the lease is taken, if it is lost. */
const attempts = 5

/** The operation is no event's: no snapshot shows it. */
const noTransaction = Number.MAX_SAFE_INTEGER

/**
 * Puts right what differs: by recomputing these keys, or, as a view has no rows that could be written, by building it again.
 *
 * @param keys by key text
 * @returns how many keys were put right
 */
export async function repair(materializer: Materializer, keys: ReadonlyMap<string, Value[]>): Promise<number> {
  if (materializer.fedBy === 'events') return repairKeys(materializer, keys)
  await rebuildTarget(materializer, 'its rows differed from the definition', { evenIfFit: true })
  return keys.size
}

/**
 * The consumer from which the lease is taken may be writing: it finds out at its next step, and an index that it has just
 * written is taken at the next attempt.
 */
async function repairKeys(materializer: EventFed, keys: ReadonlyMap<string, Value[]>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      await recompute(materializer, keys)
      return keys.size
    } catch (error) {
      if (!isTrifoldError(error, 'LEASE_LOST') || attempt === attempts) throw error
      await pause(attempt * tryAgainAfter, never)
    }
  }
}

/**
 * Recomputes some keys of an event-fed target from its definition, as a page without events: under a new epoch, so that a
 * running consumer writes nothing older over it, and with the snapshot remembered, so that no event counts twice. The
 * consumer goes on as after any takeover.
 *
 * @throws LEASE_LOST if another consumer took the lease meanwhile; TARGET_DETACHED; what the engine throws
 */
async function recompute(materializer: EventFed, keys: ReadonlyMap<string, Value[]>): Promise<void> {
  const { databaseUrl, target } = materializer.context
  const client = await openClient(databaseUrl, {
    name: `repair ${target}`,
    settings: { ...feedSettings, ...noIdleTransactions },
  })
  let lease: Lease | undefined
  try {
    const generation = await servingGeneration(client, target)
    lease = generation && (await seizeLease(client, generation, `repair ${target}`))
    if (!lease) throw lost(target, 'it has no cursor')
    await refuseDetached(client, 'verify', target)
    const unfit = await materializer.begin(lease, client)
    if (unfit) throw lost(target, unfit)
    const entries = [...keys]
    for (let start = 0; start < entries.length; start += keysAtOnce) {
      const changes = recomputes(entries.slice(start, start + keysAtOnce), lease)
      const applied = await materializer.apply(await pageAt(client, lease), changes, lease, client)
      if (applied.kind === 'lost') throw lost(target, 'another consumer took its lease')
    }
  } finally {
    if (lease) await releaseLease(client, lease).catch(() => {}) // it runs out by itself
    await client.end()
  }
}

function recomputes(keys: readonly [text: string, key: Value[]][], { cursor }: Lease): Changes {
  const operations = [{ ordinal: cursor.ordinal, xid: noTransaction, kind: 'recompute' as const }]
  return { byKey: new Map(keys.map(([text, key]) => [text, { key, text, operations }])), wheres: [] }
}

/** A page that ends where the cursor is. */
async function pageAt(client: Parameters<typeof windowsFrom>[0], { cursor }: Lease) {
  const [window] = await windowsFrom(client, cursor.window, 0)
  if (window?.id !== cursor.window) throw new TrifoldError('FEED_INCOMPLETE', `feed: window ${cursor.window} is gone`)
  return { end: cursor, window: { id: window.id, nonce: window.nonce }, snapshot: undefined }
}

const lost = (target: string, reason: string): TrifoldError =>
  new TrifoldError('LEASE_LOST', `verify: ${target} was not repaired: ${reason}; run it again`)
