import type { TrifoldError } from '../errors.ts'
import type { Materializer, TargetContext } from '../materializer.ts'
import { relationReader } from '../query/relation/reader.ts'
import { prepareRelation } from './relation-prepare.ts'
import { relationSource } from './relation-source.ts'
import { fillView } from './view/fill.ts'
import { refreshView } from './view/refresh.ts'
import { viewStatus } from './view/status.ts'
import { wrongDoor } from './wrong-door.ts'

/**
 * Keeps a read model in a materialized view: the whole definition is run again by `refresh`, and readers see the rows
 * of the last refresh. `close` cancels what is running and waits for it.
 */
export function createViewMaterializer(context: TargetContext): Materializer {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  function untilClosed<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const promise = work(signal ? AbortSignal.any([signal, closing.signal]) : closing.signal)
    running.add(promise)
    return promise.finally(() => running.delete(promise))
  }

  return {
    context,
    features: { fedBy: 'schedule', fullText: false, transactional: true },
    prepare: () => prepareRelation(context),
    fill: (options) => untilClosed(options.signal, (signal) => fillView(context, { ...options, signal })),
    begin: () => Promise.reject(notFedByEvents(context)),
    apply: () => Promise.reject(notFedByEvents(context)),
    refresh: ({ cause = 'manual', signal } = {}) =>
      untilClosed(signal, (either) => refreshView(context, cause, either)),
    ...relationReader(context.pool, relationSource(context)),
    status: () => viewStatus(context),
    async close() {
      closing.abort(new Error(`${context.target} is closed`))
      await Promise.allSettled(running)
    },
  }
}

function notFedByEvents(context: TargetContext): TrifoldError {
  const others = (['table', 'search'] as const).filter((materializer) => context.model.targets[materializer])
  const names = others.map((materializer) => `${context.name}@${materializer}`).join(' and ')
  const advice = names
    ? `events go to ${names}`
    : `configure ${context.name}@table or ${context.name}@search for events`
  return wrongDoor(context, 'events', `it is fed by its refresh schedule; ${advice}`)
}
