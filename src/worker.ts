import { Projector } from './consumer/projector.ts'
import { consume } from './consumer.ts'
import type { Materializer, Refreshed } from './materializer.ts'
import { fillTarget } from './rebuild.ts'
import { type Schedule, startSchedule } from './schedule.ts'
import { configuredTiming } from './timing.ts'
import type { Toolkit } from './toolkit.ts'
import { FeedKeeper } from './worker/feed-keeper.ts'
import { maintain } from './worker/maintenance.ts'

/** How a worker runs. */
export interface WorkerOptions {
  /** Only these targets (`order_summary@table`); default all that are configured. */
  targets?: string[]
  /** Told what happens, a line each; default: nothing is logged. */
  log?: (line: string) => void
  /** Rows written by a fill, for a progress display. */
  onFill?: (target: string, rows: number, total: number | undefined) => void
  /** Most events of a page; default 10,000. */
  pageSize?: number
  /** Stops the worker as `stop` does. */
  signal?: AbortSignal
}

/** A worker that runs. */
export interface Worker {
  /** Resolves when every target's loop has ended: after `stop`, or because each has stopped at a failing event. */
  readonly ended: Promise<void>
  /** Finishes what is under way and stops; a second call gives the same promise. */
  stop(): Promise<void>
}

/**
 * Runs the targets of a toolkit in this process: a ticker, a consumer for each target that is fed by events, the refresh
 * schedule for the others. Several workers may run: each target has one consumer at a time.
 *
 * @throws REDIS_UNREACHABLE, SCHEDULE_INVALID; what goes wrong later is logged and tried again
 */
export async function startWorker(toolkit: Toolkit, options: WorkerOptions = {}): Promise<Worker> {
  const log = options.log ?? (() => {})
  const stopping = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal
  const wanted = [...toolkit.targets.values()].filter(
    ({ context }) => options.targets?.includes(context.target) ?? true,
  )
  const views = wanted.filter(({ features }) => features.fedBy === 'schedule')
  const fed = wanted.filter(({ features }) => features.fedBy === 'events')
  const schedule = views.length > 0 ? await startViews(toolkit, views, { ...options, log, signal }) : undefined
  const feeds = new FeedKeeper(toolkit.config.database, signal, log)
  const ticking = fed.length > 0 ? feeds.run() : Promise.resolve()
  const maintaining = fed.length > 0 ? maintain(toolkit.pool, signal, log) : Promise.resolve()
  const consumers = fed.map((materializer) =>
    consume({
      ...options,
      log,
      signal,
      materializer,
      projector: new Projector(materializer.context.definition, materializer.context.model, toolkit.config.events),
      feed: () => feeds.current(),
    }),
  )
  const ended = Promise.all([...consumers, schedule && once(signal, 'abort')]).then(() => {})
  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    await Promise.allSettled([...consumers, schedule?.close(), ticking, maintaining])
  }
  return {
    ended,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Fills the views that have not been filled, and refreshes all of them when they are due. */
async function startViews(
  toolkit: Toolkit,
  views: readonly Materializer[],
  options: WorkerOptions & { log: (line: string) => void; signal: AbortSignal },
): Promise<Schedule> {
  const fillIfUnfit = async (view: Materializer): Promise<Refreshed | undefined> => {
    const prepared = await view.prepare()
    if (prepared.state === 'ready') return undefined
    const started = Date.now()
    const generation = await fillTarget(view, prepared.reason, options)
    const outcome = generation ? 'refreshed' : 'skipped'
    return { outcome, milliseconds: Date.now() - started, snapshot: undefined, rows: undefined }
  }
  const scheduled = async (view: Materializer) => ({
    target: view.context.target,
    timing: await configuredTiming(view.context.target, view.context.model),
    refresh: async (signal: AbortSignal) => (await fillIfUnfit(view)) ?? view.refresh({ cause: 'schedule', signal }),
  })
  const targets = await Promise.all(views.map(scheduled))
  for (const view of views)
    fillIfUnfit(view).catch((error: Error) => options.log(`${view.context.target}: ${error.message}`))
  return startSchedule({ config: toolkit.config, targets, log: options.log, signal: options.signal })
}

/** Resolves when the signal aborts. */
async function once(signal: AbortSignal, event: 'abort'): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener(event, () => resolve(), { once: true }))
}
