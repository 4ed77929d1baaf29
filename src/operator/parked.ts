import { TrifoldError } from '../errors.ts'
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
