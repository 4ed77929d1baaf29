import type pg from 'pg'
import { keepLease } from '../lease/keep.ts'
import { type Lease, seizeLease } from '../lease.ts'
import type { CatchUp, EventFed } from '../materializer.ts'
import { readVersion, releaseLease } from '../schema/consumers.ts'
import { type Generation, servingGeneration } from '../schema/generations.ts'
import { readRangeSnapshots } from '../schema/range-snapshots.ts'

/** What a rebuild replaces. */
export interface Replaced {
  /** The generation that served when the rebuild began; undefined for the first. */
  before: Generation | undefined
  /** The version of its cursor then; undefined if that was passed already, or nobody knows how far the new one is. */
  version: number | undefined
  /** The lease of that cursor, if the caller holds it: it has not moved since. */
  lease: Lease | undefined
}

/** What a rebuild of the target would replace now. */
export async function replacedBy(client: pg.ClientBase, target: string): Promise<Omit<Replaced, 'lease'>> {
  const before = await servingGeneration(client, target)
  return { before, version: before && (await readVersion(client, before.id)) }
}

/** The steps of a cut-over that depend on what was built. */
export interface CutOver {
  /** Refuses rows that are not to serve. */
  verify(): Promise<void>
  /** Ends what the consumer of the generation before writes; undefined if it writes in the transaction of its cursor. */
  fence: EventFed['fence']
  /** Lets those who read the storage see what was written. */
  ready(): Promise<void>
  /** Points the names at the new generation; the lease is that of the generation before. */
  serve(lease: Lease | undefined): Promise<void>
}

/**
 * Serves a generation that was built, so that readers see nothing older than they have seen: if the cursor before has moved
 * since the rebuild began, the events since then are applied to the new generation, the last ones while nobody moves the
 * old one. Key ranges that were copied at different snapshots are all passed before: then the rows are of one moment, and
 * nobody who reads them later has to know the ranges.
 *
 * @throws LEASE_LOST, HANDLER_FAILED, and what `verify` throws: the generation before serves on
 */
export async function cutOver(
  client: pg.ClientBase,
  built: Generation,
  { before, version, lease }: Replaced,
  catchUp: CatchUp | undefined,
  { verify, fence, ready, serve }: CutOver,
): Promise<void> {
  const serveReady = async (held: Lease | undefined) => {
    await ready()
    await serve(held)
  }
  if (!catchUp) return serveReady(lease)
  try {
    while ((await readRangeSnapshots(client, built.id)).length > 0) await catchUp.nearly()
    await verify()
    await ready() // so that the last time is short
    if (!before || lease) return await serve(lease)
    if ((await readVersion(client, before.id)) !== version) await catchUp.nearly()
    const held = await seizeLease(client, before, `rebuild ${before.target}`)
    await whileKept(client, held, async () => {
      if (held) {
        await fence?.(held, client)
        const hasMoved = held.version - 1 !== version // taking it was one step
        if (hasMoved || fence) await catchUp.wholly() // a page may be written of which the cursor knows nothing
      }
      await serveReady(held)
    })
  } finally {
    await catchUp.close()
  }
}

async function whileKept(client: pg.ClientBase, lease: Lease | undefined, work: () => Promise<void>): Promise<void> {
  if (!lease) return work()
  const keeping = keepLease(client, lease)
  try {
    await work()
  } finally {
    keeping.stop()
    await releaseLease(client, lease).catch(() => {}) // without a connection it runs out by itself
  }
}
