import { leaseLost, underNewEpoch } from '../consumer/new-epoch.ts'
import { Projector } from '../consumer/projector.ts'
import { noTransaction, pageHere, recomputeIn } from '../consumer/recompute.ts'
import { TrifoldError } from '../errors.ts'
import type { FeedEvent } from '../feed.ts'
import type { Lease } from '../lease.ts'
import { deleteParked, type ParkedEvent, readParked } from '../schema/parked.ts'
import type { Toolkit } from '../toolkit.ts'

export type { ParkedEvent } from '../schema/parked.ts'

/** The parked events of all targets or of one, the newest first. @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN */
export async function parkedEvents(toolkit: Toolkit, target?: string): Promise<ParkedEvent[]> {
  if (target !== undefined) toolkit.checkTarget(target)
  return readParked(toolkit.pool, { targets: target === undefined ? undefined : [target] })
}

/** One of them, with its payload. @throws PARKED_UNKNOWN */
export async function parkedEvent({ pool }: Toolkit, id: string): Promise<ParkedEvent> {
  const [found] = /^\d{1,18}$/.test(id) ? await readParked(pool, { id }) : []
  if (found) return found
  throw new TrifoldError('PARKED_UNKNOWN', `operator: no parked event has the id ${id}; see \`trifold parked list\``)
}

/** Forgets a parked event: its keys are no longer suspect, whatever their rows say. @throws PARKED_UNKNOWN */
export async function discardParked(toolkit: Toolkit, id: string): Promise<ParkedEvent> {
  const event = await parkedEvent(toolkit, id)
  await deleteParked(toolkit.pool, id)
  return event
}

/**
 * Runs the mended handler of a parked event, only to learn its keys, and reads these again from the definition. What the
 * handler returns is never applied: the rows have gone on since, and a fold would count twice. The event is parked no more.
 *
 * @throws PARKED_UNKNOWN; PARKED_FAILS if the handler is gone or still fails, or the rows cannot be kept; LEASE_LOST
 */
export async function retryParked(toolkit: Toolkit, id: string): Promise<ParkedEvent> {
  const parked = await parkedEvent(toolkit, id)
  const materializer = await toolkit.reopened(parked.target)
  if (materializer.fedBy !== 'events') throw fails(parked, 'its target is not fed by events any more')
  const { definition, model } = materializer.context
  if (!Object.hasOwn(model.on ?? {}, parked.type))
    throw fails(parked, `there is no handler for ${parked.type} any more`)
  const projector = new Projector(definition, model, toolkit.config.events)
  await underNewEpoch(materializer, 'retry', async (held) => {
    const { lease, client } = held
    const event = eventOf(parked, lease)
    const failed = await projector.addChanges({ byKey: new Map(), wheres: [] }, [event], noted(lease))
    if (failed) throw failed.error
    const changes = projector.recomputes({ event, lease }, true)
    if (!changes) throw fails(parked, 'its keys are unknown')
    const outcome = await recomputeIn(held, await pageHere(client, lease), changes)
    if (outcome === 'refused') throw fails(parked, 'a row of it cannot be kept; `trifold parked show` says why')
    if (outcome === 'lost') throw leaseLost(parked.target, 'retry', 'another consumer took it')
    await deleteParked(client, id)
  })
  return parked
}

/** Its handler runs whatever the rows show. */
const noted = (lease: Lease): Lease => ({ ...lease, buildSnapshot: undefined, ending: undefined })

/** At the cursor: in an index its version is that of the last event. */
const eventOf = ({ type, position, payload }: ParkedEvent, { cursor }: Lease): FeedEvent => ({
  ordinal: cursor.ordinal,
  position,
  xid: noTransaction,
  type,
  payload: payload as string,
})

const fails = ({ id, type, target }: ParkedEvent, reason: string): TrifoldError =>
  new TrifoldError('PARKED_FAILS', `operator: the parked event ${id} (${type}) of ${target} was not retried: ${reason}`)
