import type pg from 'pg'
import { type Generation, servingGeneration } from '../generation.ts'
import { keepLease, releaseLease } from '../lease/keep.ts'
import { type Lease, seizeLease } from '../lease.ts'
import type { CatchUp } from '../materializer.ts'

/** The generation that serves while the next is filled, and the version of its cursor when the fill began. */
export interface Standing {
  generation: Generation
  version: number | undefined
}

export async function standing(client: pg.ClientBase, target: string): Promise<Standing | undefined> {
  const generation = await servingGeneration(client, target)
  return generation && { generation, version: await versionOf(client, generation) }
}

/**
 * Serves a generation that was filled, in place of `before`, so that readers see nothing older than they have seen: where
 * the cursor before has moved since the fill began, the events since then are applied to the new generation, the last ones
 * while nobody moves the old one.
 *
 * @param replaced with the lease of `before` where the caller holds it: its cursor has not moved then
 * @param serve points the names at the new generation; its lease is that of `before`
 * @throws LEASE_LOST, HANDLER_FAILED: `before` serves on
 */
export async function takeOver(
  client: pg.ClientBase,
  replaced: { before: Standing | undefined; lease: Lease | undefined },
  catchUp: CatchUp | undefined,
  serve: (lease: Lease | undefined) => Promise<void>,
): Promise<void> {
  const { before, lease } = replaced
  if (!before || lease || !catchUp) return serve(lease)
  try {
    if ((await versionOf(client, before.generation)) !== before.version) await catchUp.nearly()
    const held = await seizeLease(client, before.generation, `fill ${before.generation.target}`)
    await whileKept(client, held, async () => {
      const hasMoved = held && held.version - 1 !== before.version // taking it was one step
      if (hasMoved) await catchUp.wholly()
      await serve(held)
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

async function versionOf(client: pg.ClientBase, { id }: Generation): Promise<number | undefined> {
  const { rows } = await client.query('select version from trifold.consumers where generation_id = $1', [id])
  return rows[0] && Number(rows[0].version)
}
