import { leaseLost, underNewEpoch } from '../consumer/new-epoch.ts'
import { type Held, pageHere, recomputesOf } from '../consumer/recompute.ts'
import type { Value } from '../encoding.ts'
import type { EventFed, Materializer } from '../materializer.ts'
import { rebuildTarget } from '../rebuild.ts'
import type { Generation } from '../schema/generations.ts'

/** Keys that are recomputed at once. */
const keysAtOnce = 1_000

/**
 * Puts right what differs: by recomputing these keys, or, as a view has no rows that could be written, by building it again.
 *
 * @param keys by key text
 * @returns how many keys were put right
 */
export async function repair(materializer: Materializer, keys: ReadonlyMap<string, Value[]>): Promise<number> {
  if (materializer.fedBy === 'events') await recomputeKeys(materializer, keys)
  else await rebuildTarget(materializer, 'its rows differed from the definition', { evenIfFit: true })
  return keys.size
}

/**
 * Recomputes some keys of an event-fed target from its definition, as pages without events, and with the snapshot
 * remembered, so that no event counts twice.
 *
 * @param built a generation that was built; default the one that serves
 */
export async function recomputeKeys(
  materializer: EventFed,
  keys: ReadonlyMap<string, Value[]>,
  built?: Generation,
): Promise<void> {
  const entries = [...keys]
  const recompute = async ({ client, lease }: Held) => {
    for (let start = 0; start < entries.length; start += keysAtOnce) {
      const changes = recomputesOf(new Map(entries.slice(start, start + keysAtOnce)), lease)
      const applied = await materializer.apply(await pageHere(client, lease), changes, lease, client)
      if (applied.kind === 'lost') throw leaseLost(lease.generation.target, 'verify', 'another consumer took it')
    }
  }
  await underNewEpoch(materializer, 'verify', recompute, built)
}
