import { openClient } from '../database.ts'
import { type HeldPart, refuseDetached } from '../detachment.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { feedSettings } from '../feed.ts'
import { type Lease, seizeLease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import { pause } from '../pause.ts'
import { releaseLease } from '../schema/consumers.ts'
import { type Generation, servingGeneration } from '../schema/generations.ts'
import type { Held } from './recompute.ts'

/** How often the lease is taken, if it is lost, and milliseconds from one to the next, times their number. */
const attempts = 5
const tryAgainAfter = 200

const never = new AbortController().signal

/**
 * Takes the lease of a target from its consumer for a moment, to recompute keys: under a new epoch, so that the consumer
 * writes nothing older over them. It goes on as after any takeover. It may be writing when the lease is taken: it finds out
 * at its next step, and an index that it has just written is taken at the next attempt.
 *
 * @param purpose `verify`: what the owner and the connection are called
 * @param built a generation that was built; default the one that serves
 * @throws LEASE_LOST if other consumers take the lease each time; TARGET_DETACHED; what the engine throws
 */
export async function underNewEpoch<Result>(
  materializer: EventFed,
  purpose: HeldPart,
  work: (held: Held) => Promise<Result>,
  built?: Generation,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(materializer, purpose, work, built)
    } catch (error) {
      if (!isTrifoldError(error, 'LEASE_LOST') || attempt === attempts) throw error
      await pause(attempt * tryAgainAfter, never)
    }
  }
}

async function once<Result>(
  materializer: EventFed,
  purpose: HeldPart,
  work: (held: Held) => Promise<Result>,
  built?: Generation,
): Promise<Result> {
  const { databaseUrl, target } = materializer.context
  const client = await openClient(databaseUrl, { name: `${purpose} ${target}`, settings: feedSettings })
  let lease: Lease | undefined
  try {
    const generation = built ?? (await servingGeneration(client, target))
    lease = generation && (await seizeLease(client, generation, `${purpose} ${target}`))
    if (!lease) throw leaseLost(target, purpose, 'it has no cursor')
    await refuseDetached(client, purpose, target)
    const unfit = await materializer.begin(lease, client)
    if (unfit) throw leaseLost(target, purpose, unfit)
    return await work({ materializer, client, lease })
  } finally {
    if (lease) await releaseLease(client, lease).catch(() => {}) // it runs out by itself
    await client.end()
  }
}

export const leaseLost = (target: string, purpose: HeldPart, reason: string): TrifoldError =>
  new TrifoldError('LEASE_LOST', `${purpose}: the lease of ${target} was lost: ${reason}; run it again`)
