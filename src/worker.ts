import { setMaxListeners } from 'node:events'
import { freshTarget } from './freshness.ts'
import { newOwner } from './lease/owner.ts'
import type { EventFed, Materializer } from './materializer.ts'
import { elapsed, guarded, type Observe } from './observe.ts'
import type { BrokenTarget } from './toolkit/targets.ts'
import type { Toolkit } from './toolkit.ts'
import { untilOpen } from './worker/broken.ts'
import { consumerResources } from './worker/consumer-resources.ts'
import { keepConsuming, RunningTargets } from './worker/consumers.ts'
import { recordEnds } from './worker/ends.ts'
import { maintain, type Upkeep } from './worker/maintenance.ts'
import { Minutes } from './worker/minutes.ts'
import { SharedFeed } from './worker/shared-feed.ts'
import { TargetShare } from './worker/target-share.ts'
import { Troubles } from './worker/troubles.ts'
import { keepVerifying } from './worker/verifying.ts'
import { startViews } from './worker/views.ts'
import { keepFollowing } from './worker/warm.ts'

/** How a worker runs. */
export interface WorkerOptions {
  /** Only these targets (`order_summary@table`); default all that are configured. */
  targets?: string[]
  /** Called with everything that happens: for logs, metrics, traces and displays. What one throws does no harm. */
  observe?: Observe | readonly Observe[] | undefined
  /** Most events of a page; default 10,000. */
  pageSize?: number
  /**
   * Whether a table or index that it builds is compared with its definition before it serves, and repaired; default true. It
   * costs about as much as the copy did.
   */
  verifyBuilds?: boolean
  /** Stops the worker as `stop` does. */
  signal?: AbortSignal
}

/** A worker that runs. */
export interface Worker {
  /**
   * Resolves when every target's loop has ended after `stop`. A target that stopped is taken back once it was resumed or
   * rebuilt, and one that could not be opened once that is mended, also if no other runs.
   */
  readonly ended: Promise<void>
  /**
   * Finishes what is under way and stops; a second call gives the same promise.
   *
   * @param reason why, for observers
   */
  stop(reason?: string): Promise<void>
}

const targetOf = ({ context }: Materializer): string => context.target

// Each part waits for the signal in one or two places at a time, so what listens is bounded by the number of targets.
const waitsOfWorker = 10
const waitsOfTarget = 3

const upkeepOf = ({ config, targetNames }: Toolkit): Omit<Upkeep, 'reads'> => ({
  ...config.outbox,
  inbox: config.inbox.retain,
  isConfigured: (target) => targetNames.includes(target),
})

/**
 * Runs the targets of a toolkit in this process: a ticker, a consumer for each target that is fed by events, the refresh
 * schedule for the others. Several workers may run: they share the targets evenly, and each target has one consumer at a time.
 *
 * What goes wrong, and a queue that is away, is observed and tried again.
 */
export async function startWorker(toolkit: Toolkit, options: WorkerOptions = {}): Promise<Worker> {
  const stopping = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal
  const names = toolkit.targetNames.filter((target) => options.targets?.includes(target) ?? true)
  setMaxListeners(waitsOfWorker + waitsOfTarget * names.length, signal)
  const wanted = names.flatMap((target) => toolkit.targets.get(target) ?? [])
  const broken = names.flatMap((target) => toolkit.broken.get(target) ?? [])
  const views = wanted.filter((one) => one.fedBy === 'schedule')
  const fed = wanted.filter((one) => one.fedBy === 'events')
  const troubles = new Troubles(toolkit.pool, { fed: fed.map(targetOf), views: views.map(targetOf) })
  const minutes = new Minutes(toolkit.pool, wanted.map(freshTarget))
  const observe = guarded([options.observe ?? [], troubles.observe, minutes.observe].flat())
  observe?.({ kind: 'worker.started', targets: names, pid: process.pid })
  let why: { reason?: string } = {}
  signal.addEventListener('abort', () => observe?.({ kind: 'worker.stopping', ...why }), { once: true })
  const scheduling = views.length > 0 ? (await startViews(toolkit, views, { observe, signal })).ended : undefined
  const owner = newOwner()
  const share = new TargetShare(toolkit.pool, owner, observe)
  for (const one of fed) share.add(one)
  await share.look().catch(() => {}) // it looks again, and keeps everything until then
  const sharing = share.run(signal)
  const feed = new SharedFeed(toolkit.config.database, signal, observe, () => share.isNeeded)
  const reads = fed.length > 0 || broken.some((one) => one.feed === 'events')
  const ticking = reads ? feed.run() : Promise.resolve()
  const { verify } = toolkit.config
  const verifying = verify ? keepVerifying(toolkit, wanted, { ...verify, observe, signal }) : Promise.resolve()
  const { keepWarm } = toolkit.config
  const following = keepWarm > 0 ? keepFollowing(toolkit, fed, { observe, signal }) : Promise.resolve()
  const maintaining = maintain(toolkit.pool, { ...upkeepOf(toolkit), reads }, signal, observe)
  const noting = minutes.run(signal)
  const running = new RunningTargets(names, observe)
  const recording = recordEnds(toolkit.config.database)
  const consuming = {
    ...options,
    warmFor: keepWarm,
    verifyBuilds: options.verifyBuilds ?? true,
    observe,
    signal,
    owner,
    share,
    ...consumerResources(toolkit, fed.length),
    feed: () => feed.current(),
    compareLog: feed.compareLog.bind(feed),
  }
  const keep = (materializer: EventFed) => keepConsuming(toolkit, materializer, running, consuming)
  const mend = async (one: BrokenTarget) => {
    const reopen = () => toolkit.reopened(one.target)
    running.stopped(one.target)
    const opened = await untilOpen(one.target, reopen, { observe, signal }, one.error)
    running.goesOn(one.target)
    if (opened?.fedBy === 'events') {
      share.add(opened)
      await keep(opened)
    }
    if (opened?.fedBy === 'schedule') await (await startViews(toolkit, [opened], { observe, signal })).ended
  }
  const loops = [...fed.map(keep), ...broken.map(mend)]
  const ended = Promise.all([...loops, scheduling]).then(() => {})
  let stopped: Promise<void> | undefined
  const stop = async (reason: string | undefined) => {
    const began = performance.now()
    if (reason) why = { reason }
    stopping.abort()
    await Promise.allSettled([...loops, scheduling, ticking, maintaining, verifying, following, sharing, noting])
    await recording.close()
    await troubles.close()
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
