import type { Scheduled, TargetContext } from '../materializer.ts'
import { Closing } from './view/closing.ts'
import { refreshView } from './view/refresh.ts'
import { viewStore } from './view/store.ts'

/**
 * Keeps a read model in a materialized view: the whole definition is run again by `refresh`, and readers see the rows
 * of the last refresh. `close` cancels what is running and waits for it.
 */
export function createViewMaterializer(context: TargetContext): Scheduled {
  const closing = new Closing()
  return {
    ...viewStore(context, closing),
    fedBy: 'schedule',
    refresh: ({ cause = 'manual', signal, ...options } = {}) =>
      closing.track(refreshView(context, cause, { signal: closing.signal(signal), ...options })),
  }
}
