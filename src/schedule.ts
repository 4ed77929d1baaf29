import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { openPool } from './database.ts'
import { failureOf, type Observe } from './observe.ts'
import { DatabaseClock } from './schedule/clock.ts'
import { jobProcessor, type Refreshable } from './schedule/jobs.ts'
import { Presence } from './schedule/presence.ts'
import { type Engine, openEngine } from './schedule/queue.ts'
import { queueName } from './schedule/queue-name.ts'
import { quiet } from './schedule/quiet.ts'
import { reconcileQueue } from './schedule/reconcile.ts'
import { readSchedules, type ScheduleRow, writeConfigured } from './schedule/rows.ts'
import { milliseconds, type Span } from './span.ts'
import type { Timing } from './timing.ts'

export { checkRedis } from './schedule/redis.ts'
export { readSchedules, reset, type ScheduleRow, timingOf, tune } from './schedule/rows.ts'
export { measuredRefresh } from './schema/refreshes.ts'

/** A target, and when its configuration wants it refreshed: `undefined` leaves that to operators. */
export type ScheduledTarget = Refreshable & { timing: Timing | undefined }

export interface ScheduleOptions {
  /** `redis` undefined keeps the queue in PostgreSQL. */
  config: { database: string; redis?: string | undefined }
  targets: readonly ScheduledTarget[]
  observe?: Observe | undefined
  /** Closes the schedule. */
  signal?: AbortSignal
  /** How often the queue is compared with `trifold.schedules`; default 30s. */
  reconcileEvery?: Span
  /** How long `close` waits for a running refresh before it cancels it; default 30s. */
  closeTimeout?: Span
}

export interface Schedule {
  /** Makes the queue what `trifold.schedules` says, now. */
  reconcile(): Promise<void>
  status(): ScheduleStatus
  /** Takes no more jobs, waits for the running refreshes, cancels those that take too long, and closes everything. */
  close(): Promise<void>
}

export interface ScheduleStatus {
  engine: 'postgresql' | 'redis'
  /** When the queue was last made what the table says. */
  reconciledAt: Date
  /** Why the last reconciliation failed; undefined if it did not. */
  problem: string | undefined
}

const defaultReconcileEvery = 30_000
const defaultCloseTimeout = 30_000
const cancelTimeout = 10_000
const answerTimeout = 10_000

/**
 * Runs refreshes when they are due, with any number of other processes that do the same. The truth is the table
 * `trifold.schedules`, to which the configuration contributes its defaults here; the queue is only made to follow it.
 *
 * @throws REDIS_UNREACHABLE, DATABASE_UNREACHABLE
 */
export async function startSchedule(options: ScheduleOptions): Promise<Schedule> {
  const pool = openPool(options.config.database, { name: 'schedule', max: 2 })
  const [cancel, stop] = [new AbortController(), new AbortController()]
  try {
    await writeTimings(pool, options.targets, true)
    const read: LastRead = { clock: new DatabaseClock(pool), rows: [] }
    const engine = await open(pool, options, read, { cancel: cancel.signal, stopping: stop.signal })
    return await run(options, pool, engine, read, { cancel, stop })
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** What the database said at the last reconciliation. */
interface LastRead {
  clock: DatabaseClock
  rows: readonly ScheduleRow[]
}

async function open(
  pool: pg.Pool,
  options: ScheduleOptions,
  read: LastRead,
  { cancel, stopping }: { cancel: AbortSignal; stopping: AbortSignal },
): Promise<Engine> {
  const targets = new Map(options.targets.map((target) => [target.target, target]))
  await read.clock.read()
  const opening: Promise<Engine> = openEngine({
    database: options.config.database,
    redis: options.config.redis,
    queueName: await queueName(pool),
    process: jobProcessor({
      queue: async () => (await opening).queue,
      targets,
      row: (target) => read.rows.find((row) => row.target === target),
      clock: read.clock,
      signal: cancel,
      stopping,
      observe: options.observe,
    }),
    concurrency: targets.size + 1, // one refresh a target, and room for the ticks
    onError: quiet(options.observe),
  })
  return opening
}

async function run(
  options: ScheduleOptions,
  pool: pg.Pool,
  engine: Engine,
  read: LastRead,
  { cancel, stop }: { cancel: AbortController; stop: AbortController },
): Promise<Schedule> {
  const own = new Set(options.targets.map((target) => target.target))
  const presence = new Presence(options.config.database, [...own])
  const status: ScheduleStatus = { engine: engine.name, reconciledAt: new Date(), problem: undefined }
  let loop = Promise.resolve()
  let closed: Promise<void> | undefined

  function failed(step: 'reconcile' | 'close', error: unknown): void {
    options.observe?.({ kind: 'schedule.failed', step, error: failureOf(error) })
  }

  async function reconcile(): Promise<void> {
    await writeTimings(pool, options.targets, false)
    await read.clock.read()
    read.rows = await readSchedules(pool)
    await answers(reconcileQueue(engine.queue, read.rows, own, read.clock))
    await presence.show()
    Object.assign(status, { reconciledAt: new Date(), problem: undefined })
  }

  async function closeAll(): Promise<void> {
    stop.abort()
    await loop
    const idle = engine.stopWorker()
    if (!(await settlesWithin(idle, spanOr(options.closeTimeout, defaultCloseTimeout)))) {
      cancel.abort(new Error('the schedule is closing'))
      await settlesWithin(idle, cancelTimeout)
    }
    await settlesWithin(engine.close(), cancelTimeout)
    await presence.hide()
    await pool.end()
  }

  function close(): Promise<void> {
    closed ??= closeAll()
    return closed
  }

  try {
    await reconcile()
  } catch (error) {
    stop.abort()
    await settlesWithin(engine.close(), cancelTimeout)
    await presence.hide()
    throw error
  }
  loop = reconcileEvery(spanOr(options.reconcileEvery, defaultReconcileEvery), stop.signal, () =>
    reconcile().catch((error: Error) => {
      status.problem = error.message
      failed('reconcile', error)
      return presence.hide()
    }),
  )
  if (options.signal?.aborted) await close()
  const onAbort = () => void close().catch((error) => failed('close', error))
  options.signal?.addEventListener('abort', onAbort, { once: true, signal: stop.signal })
  return { reconcile, status: () => ({ ...status }), close }
}

async function reconcileEvery(interval: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (;;) {
    await delay(interval, undefined, { signal }).catch(() => {}) // aborted: the next line ends the loop
    if (signal.aborted) return
    await work()
  }
}

async function writeTimings(pool: pg.Pool, targets: readonly ScheduledTarget[], again: boolean): Promise<void> {
  for (const { target, timing } of targets) await writeConfigured(pool, target, timing, again)
}

const spanOr = (span: Span | undefined, fallback: number): number =>
  span === undefined ? fallback : (milliseconds(span) ?? fallback)

/** BullMQ waits for an engine that is away, however long that takes. */
async function answers(work: Promise<void>): Promise<void> {
  if (await settlesWithin(work, answerTimeout)) return work
  throw new Error(`the queue does not answer within ${answerTimeout / 1_000} s`)
}

/** Whether the work ended, well or not, within the time. */
async function settlesWithin(work: Promise<unknown>, limit: number): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(limit, false, { signal: timer.signal }).catch(() => false)
  const ended = work.then(
    () => true,
    () => true,
  )
  const result = await Promise.race([ended, late])
  timer.abort()
  return result
}
