import { monitorEventLoopDelay } from 'node:perf_hooks'
import type pg from 'pg'
import type { Share } from '../consumer/share.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import type { EventFed } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { deleteWorker, type KnownWorker, meetWorkers } from '../schema/workers.ts'
import { assign } from './assignment.ts'

/** Milliseconds between two looks at who else runs. */
const lookAfter = leaseMilliseconds / 8
/** A worker that was not seen for so long has ended, or is frozen. */
const unseen = leaseMilliseconds
const forgetAfter = 20 * leaseMilliseconds
/** For so long a target that fails here is left to others: for twice as long each time, up to the last. */
const leftFor = { first: 3 * leaseMilliseconds, last: 30 * leaseMilliseconds }

/**
 * The targets of a worker among those of all workers of the database: it says every eighth of a lease that it runs, looks
 * who else does, and computes what is its own by {@link assign}. Until the first look, and while the database does not
 * answer, that stays as it was; at the beginning it is everything.
 */
export class TargetShare implements Share {
  private readonly pool: pg.Pool
  private readonly id: string
  private readonly observe: Observe | undefined
  private readonly able = new Map<string, number>()
  private readonly failed = new Map<string, { until: number; for: number }>()
  private assigned: ReadonlyMap<string, string> | undefined
  private listeners = new Set<() => void>()
  private said = ''
  private readonly delay = monitorEventLoopDelay({ resolution: 50 })

  /** @param id the owner of the worker's leases */
  constructor(pool: pg.Pool, id: string, observe?: Observe) {
    this.pool = pool
    this.id = id
    this.observe = observe
    this.delay.enable()
  }

  /** Adds a target that the worker can keep. */
  add({ context: { target, model } }: EventFed): void {
    this.able.set(target, model.version ?? 1)
  }

  has(target: string): boolean {
    return this.assigned === undefined || (this.assigned.get(target) ?? this.id) === this.id
  }

  /** Whether the worker is to keep any target now. */
  get isNeeded(): boolean {
    return [...this.able.keys()].some((target) => this.has(target))
  }

  async changed(signal: AbortSignal): Promise<void> {
    let listener: (() => void) | undefined
    await pause(leaseMilliseconds, signal, (end) => {
      listener = end
      this.listeners.add(end)
    })
    if (listener) this.listeners.delete(listener)
  }

  failing(target: string): void {
    const before = this.failed.get(target)
    const now = performance.now()
    if (before && now < before.until) return
    const longer = Math.min(before ? 2 * before.for : leftFor.first, leftFor.last)
    this.failed.set(target, { until: now + longer, for: longer })
  }

  /** Looks again and again until the signal aborts; then the targets are left to the others. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch(() => {}) // what else is asked of the database says so
      await pause(lookAfter, signal)
    }
    this.delay.disable()
    await deleteWorker(this.pool, this.id).catch(() => {}) // then it is not seen any more
  }

  /** Says that the worker runs, and looks who else does. */
  async look(): Promise<void> {
    const me = this.known()
    const { workers, owners } = await meetWorkers(
      this.pool,
      { ...me, blocked: this.blocked() },
      [...this.able.keys()],
      { unseen, forgetAfter },
    )
    const gone = new Set(owners.filter(({ isGone }) => isGone).map(({ owner }) => owner))
    const live = workers.filter(({ id }) => !gone.has(id))
    this.assigned = assign([...live, me], new Map(owners.map(({ target, owner }) => [target, owner])))
    this.say(live.length + 1)
    for (const listener of [...this.listeners]) listener()
  }

  /** Since the look before, in milliseconds. */
  private blocked(): number {
    const longest = this.delay.max / 1e6
    this.delay.reset()
    return Math.max(0, longest)
  }

  private known(): KnownWorker {
    const now = performance.now()
    const isLeft = (target: string) => now < (this.failed.get(target)?.until ?? 0)
    return { id: this.id, targets: new Map([...this.able].filter(([target]) => !isLeft(target))) }
  }

  /** Once it changes. A worker that runs alone keeps everything, which nobody needs to be told. */
  private say(workers: number): void {
    const targets = [...this.able.keys()].filter((target) => this.has(target))
    const text = `${workers} ${targets}`
    const isAlone = workers === 1 && this.said === ''
    if (text === this.said || isAlone) return
    this.said = text
    this.observe?.({ kind: 'worker.shares', targets, of: this.able.size, workers })
  }
}
