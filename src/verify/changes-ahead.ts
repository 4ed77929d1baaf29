import { mayPark } from '../consumer/parking.ts'
import type { Failed, Handling, Projector } from '../consumer/projector.ts'
import { TrifoldError } from '../errors.ts'
import type { FeedEvent } from '../feed.ts'
import type { TargetContext } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import type { Generation } from '../schema/generations.ts'
import { parseSnapshot } from '../snapshot.ts'

/** The handlers run for no consumer: what one does to the process stops no target. */
const noEpoch = 0

/**
 * What the events ahead of a target mean for it. One that the target will park has its keys recomputed.
 *
 * @returns undefined if such an event has keys that nobody knows: they can be compared once it is parked
 * @throws TARGET_STOPPED if the target will stop at one
 */
export async function changesAhead(
  context: TargetContext,
  projector: Projector,
  events: readonly FeedEvent[],
  generation: Generation,
): Promise<Changes | undefined> {
  const { buildSnapshot } = generation
  const handling: Handling = {
    generation,
    epoch: noEpoch,
    buildSnapshot: buildSnapshot === undefined ? undefined : parseSnapshot(buildSnapshot),
  }
  const changes: Changes = { byKey: new Map(), wheres: [] }
  for (let rest = events; ; ) {
    const failed = await projector.addChanges(changes, rest, handling)
    if (!failed) return changes
    if (!mayPark(context, failed.error)) throw stopped(context.target, failed.error)
    if (!addRecomputes(changes, projector, failed, handling)) return undefined
    rest = rest.slice(rest.indexOf(failed.event) + 1)
  }
}

/** What becomes of a key whose fold fails. @throws TARGET_STOPPED if the target will stop at that event */
export const recomputeIfParked =
  (context: TargetContext) =>
  (error: unknown): 'recompute' => {
    if (mayPark(context, error)) return 'recompute'
    throw stopped(context.target, error as Error)
  }

/** Adds what a parked event means. @returns false if nobody knows its keys */
function addRecomputes(changes: Changes, projector: Projector, { event }: Failed, lease: Handling): boolean {
  const recomputes = projector.recomputes({ event, lease }, true)
  if (!recomputes) return false
  for (const [text, { key, operations }] of recomputes.byKey) {
    const before = changes.byKey.get(text)?.operations ?? []
    changes.byKey.set(text, { key, text, operations: [...before, ...operations] })
  }
  changes.wheres.push(...recomputes.wheres)
  return true
}

const stopped = (target: string, cause: Error): TrifoldError =>
  new TrifoldError('TARGET_STOPPED', `verify: ${target} cannot go on, so it cannot be verified: ${cause.message}`, {
    cause,
  })
