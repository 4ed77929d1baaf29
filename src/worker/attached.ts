import { isHeld } from '../detachment.ts'
import type { Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { readDetachment } from '../schema/detachments.ts'
import type { Toolkit } from '../toolkit.ts'
import { untilOpen } from './broken.ts'

/** Milliseconds between two looks at whether a read model was attached. */
const lookAfter = 500

/**
 * Waits while the read model of a target is detached, and opens the target with the definition that was attached.
 *
 * @returns undefined if the signal has aborted
 */
export async function untilAttached(
  toolkit: Toolkit,
  { context: { target, name, pool } }: Materializer,
  { observe, signal }: { observe?: Observe | undefined; signal: AbortSignal },
): Promise<Materializer | undefined> {
  for (let said = false; !signal.aborted; ) {
    const found = await readDetachment(pool, name).catch(() => 'unknown' as const)
    if (found !== 'unknown' && !isHeld(found)) break
    if (found !== 'unknown' && !said) observe?.({ kind: 'target.detached', target, since: found.detachedAt })
    said ||= found !== 'unknown'
    await pause(lookAfter, signal)
  }
  const opened = await untilOpen(target, () => toolkit.renewed(target), { observe, signal })
  if (opened) observe?.({ kind: 'target.attached', target })
  return opened
}
