import { AsyncLocalStorage } from 'node:async_hooks'
import type { FeedEvent } from '../feed.ts'
import type { Lease } from '../lease.ts'

/** An event on its way through the handler of one target. */
export interface Handled {
  event: Pick<FeedEvent, 'ordinal' | 'position'>
  lease: Pick<Lease, 'generation' | 'epoch'>
}

const places = 5

/**
 * What this process handles now, for its watchdog thread: generation, epoch, ordinal and position, then how many events
 * it has handled. The generation is 0 while no handler runs.
 */
export const atWork = new Float64Array(new SharedArrayBuffer(places * Float64Array.BYTES_PER_ELEMENT))

/** Timers and promises that a handler leaves behind are of its event too. */
const cause = new AsyncLocalStorage<Handled>()

/** Runs a handler, or the function of a fold: whatever it does to the process, now or later, can be put down to its event. */
export function handling<Result>(handled: Handled, work: () => Result): Result {
  note(handled)
  try {
    return cause.run(handled, work)
  } finally {
    atWork[0] = 0
  }
}

/** The event whose handler runs now, or started what runs now; it is at work then. */
export function noteCause(): Handled | undefined {
  const handled = cause.getStore()
  if (handled) note(handled)
  return handled
}

function note({ event, lease }: Handled): void {
  atWork[0] = Number(lease.generation.id)
  atWork[1] = lease.epoch
  atWork[2] = event.ordinal
  atWork[3] = event.position
  atWork[4] = (atWork[4] as number) + 1
}
