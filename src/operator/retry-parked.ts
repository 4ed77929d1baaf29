import { leaseLost, underNewEpoch } from '../consumer/new-epoch.ts'
import { Projector } from '../consumer/projector.ts'
import { type Held, noTransaction, pageHere, recomputeIn, recomputesOf } from '../consumer/recompute.ts'
import { keyOfText } from '../definition/key.ts'
import type { Column } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import type { FeedEvent } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { deleteParked, type ParkedEvent } from '../schema/parked.ts'
import type { Toolkit } from '../toolkit.ts'
import { parkedEvent } from './parked.ts'

/** What came of retrying parked events. */
export interface Retry {
  /** Those that are parked no more. */
  retried: ParkedEvent[]
  /** Those that still are, and why. */
  failed: { event: ParkedEvent; error: Error }[]
}

/**
 * Runs the mended handler of a parked event, only to learn its keys, and reads these again from the definition. What the
 * handler returns is never applied: the rows have gone on since, and a fold would count twice. The event is parked no more.
 *
 * @throws PARKED_UNKNOWN; PARKED_FAILS if the handler is gone, or the rows cannot be kept; HANDLER_FAILED; LEASE_LOST
 */
export async function retryParked(toolkit: Toolkit, id: string): Promise<ParkedEvent> {
  const event = await parkedEvent(toolkit, id)
  const { failed } = await retryOfTarget(toolkit, event.target, [event])
  if (failed[0]) throw failed[0].error
  return event
}

/**
 * Retries several of them as {@link retryParked} does one. The keys of all events of a target are read again together.
 *
 * @throws PARKED_UNKNOWN, and then none is retried; LEASE_LOST
 */
export async function retryAllParked(toolkit: Toolkit, ids: readonly string[]): Promise<Retry> {
  const byTarget = new Map<string, ParkedEvent[]>()
  for (const id of new Set(ids)) {
    const event = await parkedEvent(toolkit, id)
    byTarget.set(event.target, [...(byTarget.get(event.target) ?? []), event])
  }
  const retries: Retry[] = []
  for (const [target, events] of byTarget) retries.push(await retryOfTarget(toolkit, target, events))
  return together(retries)
}

/** If a row cannot be kept, each event is retried by itself. */
async function retryOfTarget(toolkit: Toolkit, target: string, events: readonly ParkedEvent[]): Promise<Retry> {
  const materializer = await toolkit.reopened(target)
  if (materializer.fedBy !== 'events') return allFail(events, 'its target is not fed by events any more')
  const { definition, model } = materializer.context
  const projector = new Projector(definition, model, toolkit.config.events)
  const retry = await underNewEpoch(materializer, 'retry', (held) => recomputeKeys(held, projector, events))
  if (retry !== 'refused') return retry
  if (events.length === 1) return allFail(events, 'a row of it cannot be kept; `trifold parked show` says which')
  const alone: Retry[] = []
  for (const event of events) alone.push(await retryOfTarget(toolkit, target, [event]))
  return together(alone)
}

/** Learns the keys of events, recomputes them in one page, and parks the events no more. */
async function recomputeKeys(
  held: Held,
  projector: Projector,
  events: readonly ParkedEvent[],
): Promise<Retry | 'refused'> {
  const { materializer, client, lease } = held
  const retry: Retry = { retried: [], failed: [] }
  const changes: Changes = { byKey: new Map(), wheres: [] }
  for (const event of events) {
    const learned = await changesOf(event, { materializer, projector, lease }).catch((error: Error) => error)
    if (learned instanceof Error) retry.failed.push({ event, error: learned })
    else {
      for (const [text, one] of learned.byKey) changes.byKey.set(text, one)
      changes.wheres.push(...learned.wheres)
      retry.retried.push(event)
    }
  }
  if (retry.retried.length === 0) return retry
  const outcome = await recomputeIn(held, await pageHere(client, lease), changes)
  if (outcome === 'lost') throw leaseLost(lease.generation.target, 'retry', 'another consumer took it')
  if (outcome === 'refused') return 'refused'
  for (const { id } of retry.retried) await deleteParked(client, id)
  return retry
}

/** What recomputes the keys of an event, as its handler names them. */
async function changesOf(
  parked: ParkedEvent,
  { materializer, projector, lease }: { materializer: EventFed; projector: Projector; lease: Lease },
): Promise<Changes> {
  if (!Object.hasOwn(materializer.context.model.on ?? {}, parked.type))
    throw fails(
      parked,
      `there is no handler for ${parked.type} any more; \`trifold parked discard ${parked.id}\` forgets it`,
    )
  const event = eventOf(parked, lease)
  const failed = await projector.addChanges({ byKey: new Map(), wheres: [] }, [event], noted(lease))
  if (failed) throw failed.error
  const changes = projector.recomputes({ event, lease }, true)
  if (!changes) throw fails(parked, 'its keys are unknown')
  return withSuspects(changes, parked, materializer.context.definition.key, lease)
}

/** The mended handler may name other keys than those that are suspect since the event was parked: both are read again. */
function withSuspects(changes: Changes, { suspectKeys }: ParkedEvent, key: readonly Column[], lease: Lease): Changes {
  const suspects = recomputesOf(new Map(suspectKeys.map((text) => [text, keyOfText(key, text)])), lease)
  return { byKey: new Map([...suspects.byKey, ...changes.byKey]), wheres: changes.wheres }
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

const together = (retries: readonly Retry[]): Retry => ({
  retried: retries.flatMap(({ retried }) => retried),
  failed: retries.flatMap(({ failed }) => failed),
})

const allFail = (events: readonly ParkedEvent[], reason: string): Retry => ({
  retried: [],
  failed: events.map((event) => ({ event, error: fails(event, reason) })),
})

const fails = ({ id, type, target }: ParkedEvent, reason: string): TrifoldError =>
  new TrifoldError('PARKED_FAILS', `operator: the parked event ${id} (${type}) of ${target} was not retried: ${reason}`)
