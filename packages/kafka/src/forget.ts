import type pg from 'pg'
import { TrifoldError } from 'trifold/internal/errors'
import { keepingOwner } from 'trifold/internal/schema/consumers'
import { deleteGenerations, storedTargets } from 'trifold/internal/schema/generations'
import { deleteTroubles } from 'trifold/internal/schema/troubles'
import { relayTarget } from 'trifold/internal/target'

/**
 * Forgets a relay: nothing of the outbox is kept for it any more. The topic stays as it is.
 *
 * @returns false if none was registered for the topic
 * @throws TARGET_KEPT while it runs
 */
export async function forgetRelay(pool: pg.Pool, topic: string): Promise<boolean> {
  const target = relayTarget(topic)
  if (!(await storedTargets(pool)).includes(target)) return false
  const owner = await keepingOwner(pool, target)
  if (owner !== undefined) {
    throw new TrifoldError('TARGET_KEPT', `relay: ${owner} publishes to ${topic} now; stop it first`)
  }
  await deleteTroubles(pool, [target])
  const client = await pool.connect()
  try {
    await deleteGenerations(client, target)
  } finally {
    client.release()
  }
  return true
}
