import { refuseDetached } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import type { Refreshed } from '../materializer.ts'
import type { Toolkit } from '../toolkit.ts'

/** What came of a refresh, and of which target. */
export interface RefreshReport extends Refreshed {
  target: string
}

/**
 * Runs the definition of a view again, now and whatever its schedule says.
 *
 * @returns `skipped` if another refresh of the view is running
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, QUERY_UNSUPPORTED if events feed the target, TARGET_DETACHED, REFRESH_FAILED,
 * KEY_INVALID
 */
export async function refresh(toolkit: Toolkit, target: string, signal?: AbortSignal): Promise<RefreshReport> {
  toolkit.checkTarget(target)
  await refuseDetached(toolkit.pool, 'refresh', target)
  const materializer = await toolkit.current(target)
  if (materializer.fedBy !== 'schedule') throw fedByEvents(toolkit, target)
  const refreshed = await materializer.refresh({ cause: 'manual', ...(signal && { signal }) })
  return { target, ...refreshed }
}

function fedByEvents(toolkit: Toolkit, target: string): TrifoldError {
  const views = [...toolkit.targets.values()].filter(({ fedBy }) => fedBy === 'schedule')
  const names = views.map(({ context }) => context.target).join(', ') || 'none is configured'
  return new TrifoldError(
    'QUERY_UNSUPPORTED',
    `refresh: ${target} is fed by events and needs no refresh (those that do: ${names}); to rebuild it run \`trifold rebuild ${target}\``,
  )
}
