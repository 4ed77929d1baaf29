import type { Projector } from '../consumer/projector.ts'
import { TrifoldError } from '../errors.ts'
import type { EventFed } from '../materializer.ts'
import { pause } from '../pause.ts'
import { defaultPatience, type Extent, never, tryAgainAfter } from './extent.ts'
import { openSitting, type Sitting } from './sitting.ts'

/** Waits until a target can be compared. @throws VERIFY_IMPOSSIBLE if the patience is at its end; TARGET_STOPPED */
export async function sittingInTime(materializer: EventFed, projector: Projector, extent: Extent): Promise<Sitting> {
  const { patience = defaultPatience, signal } = extent
  const deadline = performance.now() + patience
  for (;;) {
    signal?.throwIfAborted()
    const sitting = await openSitting(materializer, projector)
    if (sitting) return sitting
    if (performance.now() > deadline) throw behind(materializer.context.target)
    await pause(tryAgainAfter, signal ?? never)
  }
}

const behind = (target: string): TrifoldError =>
  new TrifoldError(
    'VERIFY_IMPOSSIBLE',
    `verify: ${target} is more than 20,000 events behind, or before an event that it will park and whose keys are unknown; ` +
      'start `trifold worker`, wait until it has caught up, and run it again',
  )
