import type { Projector } from '../consumer/projector.ts'
import { TrifoldError } from '../errors.ts'
import type { EventFed } from '../materializer.ts'
import { pause } from '../pause.ts'
import { defaultPatience, type Extent, never, tryAgainAfter } from './extent.ts'
import { type Obstacle, openSitting, type Sitting } from './sitting.ts'

/**
 * Waits until a target can be compared. One that was built catches up if it has to, and only then: where events come faster
 * than it applies them, each time of catching up takes longer than the one before.
 *
 * @throws VERIFY_IMPOSSIBLE if the patience is at its end; TARGET_STOPPED
 */
export async function sittingInTime(materializer: EventFed, projector: Projector, extent: Extent): Promise<Sitting> {
  const { patience = defaultPatience, signal, built } = extent
  const deadline = performance.now() + patience
  for (;;) {
    signal?.throwIfAborted()
    const sitting = await openSitting(materializer, projector, built?.generation)
    if (typeof sitting !== 'string') return sitting
    if (performance.now() > deadline) throw impossible(materializer.context.target, sitting)
    if (built) await built.catchUp()
    else await pause(tryAgainAfter, signal ?? never)
  }
}

const impossible = (target: string, obstacle: Obstacle): TrifoldError =>
  new TrifoldError('VERIFY_IMPOSSIBLE', `verify: ${target} ${obstacle}`)
