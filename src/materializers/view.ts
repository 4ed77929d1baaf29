import { TrifoldError } from '../errors.ts'
import { targetName } from '../facade.ts'
import type { Materializer, TargetContext } from '../materializer.ts'
import type { ReadRelation } from '../query/relation/find.ts'
import { findInRelation } from '../query/relation/find.ts'
import { summarizeInRelation } from '../query/relation/summarize.ts'
import { qualified } from '../sql.ts'
import { prepareRelation } from './relation-prepare.ts'
import { fillView } from './view/fill.ts'
import { refreshView } from './view/refresh.ts'
import { viewStatus } from './view/status.ts'

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
    find: (request) => findInRelation(context.pool, relationOf(context), request),
    summarize: (request) => summarizeInRelation(context.pool, relationOf(context), request),
    status: () => viewStatus(context),
    async close() {
      closing.abort(new Error(`${context.target} is closed`))
      await Promise.allSettled(running)
    },
  }
}

/** Reads go by the target's own name: the facade is swapped under them. */
function relationOf(context: TargetContext): ReadRelation {
  return {
    relation: qualified(context.schema, targetName(context.target)),
    definition: context.definition,
    target: context.target,
    fullTextTargets: context.model.targets.search?.text?.length ? [`${context.name}@search`] : [],
  }
}

function notFedByEvents(context: TargetContext): TrifoldError {
  const others = (['table', 'search'] as const).filter((materializer) => context.model.targets[materializer])
  const advice =
    others.length > 0
      ? `events go to ${others.map((materializer) => `${context.name}@${materializer}`).join(' and ')}`
      : `configure ${context.name}@table or ${context.name}@search for events`
  return new TrifoldError(
    'QUERY_UNSUPPORTED',
    `view: ${context.target} is fed by its refresh schedule, not by events; ${advice}`,
  )
}
