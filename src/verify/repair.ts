import { openClient } from '../database.ts'
import type { Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { feedSettings } from '../feed.ts'
import { noIdleTransactions } from '../lease/time.ts'
import { type Lease, seizeLease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { releaseLease } from '../schema/consumers.ts'
import { servingGeneration } from '../schema/generations.ts'
import { windowsFrom } from '../schema/windows.ts'

/** Keys that are recomputed at once. */
const keysAtOnce = 1_000

/** The operation is no event's: no snapshot shows it. */
const noTransaction = Number.MAX_SAFE_INTEGER

/**
 * Recomputes some keys of an event-fed target from its definition, as a page without events: under a new epoch, so that a
 * running consumer writes nothing older over it, and with the snapshot remembered, so that no event counts twice. The
 * consumer goes on as after any takeover.
 *
 * @param keys by key text
 * @returns how many were recomputed
 * @throws LEASE_LOST if another consumer took the lease meanwhile; what the engine throws
 */
export async function repairKeys(materializer: EventFed, keys: ReadonlyMap<string, Value[]>): Promise<number> {
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
    const unfit = await materializer.begin(lease, client)
    if (unfit) throw lost(target, unfit)
    const entries = [...keys]
    for (let start = 0; start < entries.length; start += keysAtOnce) {
      const changes = recomputes(entries.slice(start, start + keysAtOnce), lease)
      const applied = await materializer.apply(await pageAt(client, lease), changes, lease, client)
      if (applied.kind === 'lost') throw lost(target, 'another consumer took its lease')
    }
    return keys.size
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
