import type { EventFed, Materializer, Scheduled } from '../materializer.ts'

/** A target that events feed. @throws Error if something else does */
export function eventFed(materializer: Materializer): EventFed {
  if (materializer.fedBy === 'events') return materializer
  throw new Error(`${materializer.context.target} is not fed by events`)
}

/** A target that a schedule feeds. @throws Error if something else does */
export function scheduled(materializer: Materializer): Scheduled {
  if (materializer.fedBy === 'schedule') return materializer
  throw new Error(`${materializer.context.target} is not fed by a schedule`)
}
