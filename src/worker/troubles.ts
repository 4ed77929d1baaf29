import { hostname } from 'node:os'
import type pg from 'pg'
import type { Failure, Observation, Observe } from '../observe.ts'
import { deleteTroubles, recordTroubles } from '../schema/troubles.ts'

/** Milliseconds without a failure after which a trouble has passed. */
const passedAfter = 10_000
/** The same trouble is written once in so many milliseconds. */
const writtenEvery = 5_000

/** The targets of a worker, by what keeps them current. */
export interface OwnTargets {
  fed: readonly string[]
  views: readonly string[]
}

interface Known {
  message: string
  writtenAt: number
  passing?: NodeJS.Timeout | undefined
}

/**
 * Writes at what a worker fails and tries again into `trifold.troubles`, so that `status` names the real cause in another
 * process. It listens to what the worker observes; a database that does not take it is no further trouble.
 */
export class Troubles {
  private readonly pool: pg.Pool
  private readonly own: OwnTargets
  private readonly known = new Map<string, Known>()
  private writing: Promise<unknown> = Promise.resolve()

  constructor(pool: pg.Pool, own: OwnTargets) {
    this.pool = pool
    this.own = own
  }

  readonly observe: Observe = (observation) => {
    const failed = failedOf(observation, this.own)
    if (failed) this.failed(failed)
    else for (const target of succeededOf(observation, this.own)) this.succeeded(target)
  }

  /** Waits for what is being written, and forgets the troubles of this worker: it has ended. */
  async close(): Promise<void> {
    for (const { passing } of this.known.values()) clearTimeout(passing)
    await this.writing
    if (this.known.size > 0) await deleteTroubles(this.pool, [...this.known.keys()]).catch(() => {})
  }

  /** A failure that is counted is written each time: with it, when it is tried again. */
  private failed({ targets, error: { code, message }, attempt, retryInMs }: Failed): void {
    const due = targets.filter((target) => this.isNew(target, message) || attempt !== undefined)
    if (due.length === 0) return
    const worker = `${hostname()}:${process.pid}`
    this.write(() => recordTroubles(this.pool, due, { worker, code, message, attempt, retryInMs }))
  }

  private isNew(target: string, message: string): boolean {
    const known = this.known.get(target)
    clearTimeout(known?.passing)
    const isDue = known?.message !== message || performance.now() - known.writtenAt > writtenEvery
    this.known.set(target, { message, writtenAt: isDue ? performance.now() : known.writtenAt })
    return isDue
  }

  private succeeded(target: string): void {
    const known = this.known.get(target)
    if (!known || known.passing) return
    known.passing = setTimeout(() => {
      this.known.delete(target)
      this.write(() => deleteTroubles(this.pool, [target]))
    }, passedAfter).unref()
  }

  private write(work: () => Promise<void>): void {
    this.writing = this.writing.then(work).catch(() => {})
  }
}

interface Failed {
  targets: readonly string[]
  error: Failure
  attempt?: number | undefined
  retryInMs?: number | undefined
}

function failedOf(observation: Observation, own: OwnTargets): Failed | undefined {
  switch (observation.kind) {
    case 'target.retrying':
    case 'refresh.failed': {
      const { target, error, attempt, retryInMs } = observation
      return { targets: [target], error, attempt, retryInMs }
    }
    case 'feed.broken':
      return { targets: own.fed, error: observation.error }
    case 'schedule.failed':
      return observation.step === 'close' ? undefined : { targets: own.views, error: observation.error }
    default:
      return undefined
  }
}

function succeededOf(observation: Observation, own: OwnTargets): readonly string[] {
  switch (observation.kind) {
    case 'target.leased':
    case 'target.waiting':
    case 'page.applied':
    case 'refresh.finished':
      return [observation.target]
    case 'feed.opened':
      return own.fed
    default:
      return []
  }
}
