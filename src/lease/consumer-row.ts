import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import type { Lease } from '../lease.ts'
import { endEpoch, insertConsumer } from '../schema/consumers.ts'
import { type Generation, lockServing, servingEpoch } from '../schema/generations.ts'
import type { Window } from '../schema/windows.ts'

/** The epoch of a build: below that of every consumer. */
export const buildEpoch = 1

/**
 * Creates the cursor of a generation that was built at a snapshot: it starts behind the last window before it. Events
 * that the snapshot shows are dropped when they come.
 */
export async function beginConsumer(
  client: pg.ClientBase,
  generation: Pick<Generation, 'id'>,
  window: Window,
  handlersVersion: number,
): Promise<void> {
  await insertConsumer(client, generation.id, window, { epoch: buildEpoch, handlersVersion })
}

/**
 * Ends the consumer of the generation that is replaced, inside the transaction that serves the next one: its epoch is
 * raised, so that nobody moves its cursor any more.
 *
 * @param before the generation that served when the rebuild began
 * @throws LEASE_LOST if another one serves now, or `lease` is given and no longer held
 */
export async function endConsumer(
  client: pg.ClientBase,
  target: string,
  before: Pick<Generation, 'id'> | undefined,
  lease?: Lease,
): Promise<void> {
  if ((await lockServing(client, target)) !== before?.id) throw overtaken(target, 'another generation was served')
  if (!before) return
  const ended = await endEpoch(client, before.id, lease?.epoch)
  if (!ended && lease) throw overtaken(target, 'another worker took its lease')
}

/**
 * Looks whether {@link endConsumer} would refuse, before something is done that it cannot take back.
 *
 * @throws LEASE_LOST
 */
export async function refuseOvertaken(
  client: pg.ClientBase,
  target: string,
  before: Pick<Generation, 'id'> | undefined,
  lease?: Lease,
): Promise<void> {
  const serving = await servingEpoch(client, target)
  if (serving?.id !== before?.id) throw overtaken(target, 'another generation was served')
  if (lease && serving?.epoch !== lease.epoch) throw overtaken(target, 'another worker took its lease')
}

const overtaken = (target: string, what: string): TrifoldError =>
  new TrifoldError('LEASE_LOST', `rebuild: discarded the new generation of ${target}: ${what} meanwhile`)
