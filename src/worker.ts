import type { EventFed, Refreshed, Scheduled } from './materializer.ts'
import { elapsed, failureOf, guarded, type Observe } from './observe.ts'
import { rebuildTarget } from './rebuild.ts'
import { type Schedule, startSchedule } from './schedule.ts'
import { configuredTiming } from './timing.ts'
import type { BrokenTarget } from './toolkit/targets.ts'
import type { Toolkit } from './toolkit.ts'
import { untilOpen } from './worker/broken.ts'
import { keepConsuming, RunningTargets } from './worker/consumers.ts'
import { maintain } from './worker/maintenance.ts'
import { SharedFeed } from './worker/shared-feed.ts'

/** How a worker runs. */
export interface WorkerOptions {
  /** Only these targets (`order_summary@table`); default all that are configured. */
  targets?: string[]
  /** Called with everything that happens: for logs, metrics, traces and displays. What one throws does no harm. */
  observe?: Observe | readonly Observe[] | undefined
  /** Most events of a page; default 10,000. */
  pageSize?: number
  /** Stops the worker as `stop` does. */
  signal?: AbortSignal
}

/** A worker that runs. */
export interface Worker {
  /**
   * Resolves when every target's loop has ended after `stop`, or once each has stopped at a failing event. While others
   * run, a stopped target is taken back once it was rebuilt, and one that could not be opened once that is mended.
   */
  readonly ended: Promise<void>
  /**
   * Finishes what is under way and stops; a second call gives the same promise.
   *
   * @param reason why, for observers
   */
  stop(reason?: string): Promise<void>
}

/**
 * Runs the targets of a toolkit in this process: a ticker, a consumer for each target that is fed by events, the refresh
 * schedule for the others. Several workers may run: each target has one consumer at a time.
 *
 * @throws REDIS_UNREACHABLE, SCHEDULE_INVALID; what goes wrong later is observed and tried again
 */
export async function startWorker(toolkit: Toolkit, options: WorkerOptions = {}): Promise<Worker> {
  const observe = guarded(options.observe)
  const stopping = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal
  const names = toolkit.targetNames.filter((target) => options.targets?.includes(target) ?? true)
  const wanted = names.flatMap((target) => toolkit.targets.get(target) ?? [])
  const broken = names.flatMap((target) => toolkit.broken.get(target) ?? [])
  const views = wanted.filter((one) => one.fedBy === 'schedule')
  const fed = wanted.filter((one) => one.fedBy === 'events')
  observe?.({ kind: 'worker.started', targets: names, pid: process.pid })
  let why: { reason?: string } = {}
  signal.addEventListener('abort', () => observe?.({ kind: 'worker.stopping', ...why }), { once: true })
  const schedule = views.length > 0 ? await startViews(toolkit, views, { observe, signal }) : undefined
  const feed = new SharedFeed(toolkit.config.database, signal, observe)
  const reads = fed.length > 0 || broken.some((one) => one.feed === 'events')
  const ticking = reads ? feed.run() : Promise.resolve()
  const maintaining = reads ? maintain(toolkit.pool, signal, observe) : Promise.resolve()
  const running = new RunningTargets(names)
  const keep = (materializer: EventFed) =>
    keepConsuming(toolkit, materializer, running, { ...options, observe, signal, feed: () => feed.current() })
  const mend = async (one: BrokenTarget) => {
    const opened = await untilOpen(toolkit, one, { observe, signal })
    if (opened?.fedBy === 'events') await keep(opened)
    if (opened?.fedBy === 'schedule') await keepViews(toolkit, [opened], { observe, signal })
  }
  const loops = [...fed.map(keep), ...broken.map(mend)]
  const ended = Promise.race([running.ended, Promise.all([...loops, schedule && once(signal, 'abort')])]).then(() => {})
  let stopped: Promise<void> | undefined
  const stop = async (reason: string | undefined) => {
    const began = performance.now()
    if (reason) why = { reason }
    stopping.abort()
    await Promise.allSettled([...loops, schedule?.close(), ticking, maintaining])
    observe?.({ kind: 'worker.stopped', ms: elapsed(began) })
  }
  return {
    ended,
    stop(reason) {
      stopped ??= stop(reason)
      return stopped
    },
  }
}

/** Builds the views that have not been built, and refreshes all of them when they are due. */
async function startViews(
  toolkit: Toolkit,
  views: readonly Scheduled[],
  options: { observe: Observe | undefined; signal: AbortSignal },
): Promise<Schedule> {
  const rebuildIfUnfit = async (view: Scheduled): Promise<Refreshed | undefined> => {
    const prepared = await view.prepare()
    if (prepared.state === 'ready') return undefined
    const started = Date.now()
    const generation = await rebuildTarget(view, prepared.reason, options)
    const outcome = generation ? 'refreshed' : 'skipped'
    return { outcome, milliseconds: Date.now() - started, snapshot: undefined, rows: undefined }
  }
  const scheduled = async (view: Scheduled) => ({
    target: view.context.target,
    timing: await configuredTiming(view.context.target, view.context.model),
    refresh: async (signal: AbortSignal) => (await rebuildIfUnfit(view)) ?? view.refresh({ cause: 'schedule', signal }),
  })
  const targets = await Promise.all(views.map(scheduled))
  const began = performance.now()
  const failed = (target: string) => (error: unknown) =>
    options.observe?.({ kind: 'refresh.failed', target, ms: elapsed(began), error: failureOf(error) })
  for (const view of views) rebuildIfUnfit(view).catch(failed(view.context.target))
  return startSchedule({ config: toolkit.config, targets, observe: options.observe, signal: options.signal })
}

/** Runs the schedule of views that could not be opened at first. */
async function keepViews(
  toolkit: Toolkit,
  views: readonly Scheduled[],
  options: { observe: Observe | undefined; signal: AbortSignal },
): Promise<void> {
  const schedule = await startViews(toolkit, views, options)
  await once(options.signal, 'abort')
  await schedule.close()
}

/** Resolves when the signal aborts. */
async function once(signal: AbortSignal, event: 'abort'): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener(event, () => resolve(), { once: true }))
}
