import type { Failure } from './failure.ts'

/**
 * What Trifold says about itself while it runs, by kind: `part.what-happened`. (An *event* is a row of the outbox.)
 * Every value is plain JSON, so that an observation is the same in a process and on its way to another one. Durations
 * (`ms`) are milliseconds, rounded to tenths.
 */
export interface Observations {
  /** The database does not answer, or is a standby, so the worker cannot begin. It tries again every second; the same message is said once. */
  'worker.waiting': { error: Failure }
  /** A worker began to run these targets. */
  'worker.started': { targets: string[]; pid: number }
  /** Several workers run the same targets, and this one keeps these of the targets that it can keep. Said once it changes. */
  'worker.shares': { targets: string[]; of: number; workers: number }
  /** A worker finishes what is under way and will stop; `reason` is the name of a signal, or why. */
  'worker.stopping': { reason?: string }
  /** A worker has given its leases back and closed its connections; `ms` since it was asked to stop. */
  'worker.stopped': { ms: number }
  /** Every target of a worker has stopped. The worker stays, and takes each back once it is resumed, rebuilt or mended. */
  'worker.stalled': { targets: string[] }
  /** The event loop of a worker was blocked for `ms`, longer than a lease. The watchdog has ended the process. */
  'worker.blocked': { ms: number }

  /** The process serves `/metrics`, `/health` and `/ready` at this address. */
  'health.opened': { address: string }

  /** A connection for reading the outbox was opened; `window` is the newest one. */
  'feed.opened': { window: number }
  /** That connection broke, or could not be opened. The worker tries again; `attempt` counts since it was last open. */
  'feed.broken': { attempt: number; error: Failure }

  /** The history of the database may have branched, so a new era began. `from` and `to` are timelines, clusters or databases. */
  'era.began': {
    era: number
    reason: 'timeline' | 'cluster' | 'database' | 'index' | 'log' | 'operator'
    from?: string
    to?: string
  }

  /** Another worker keeps the target, or is rebuilding it. Said once, until that changes. */
  'target.waiting': { target: string }
  /** A worker took the lease of a target; `ordinal` and `window` are the last that the target shows. */
  'target.leased': {
    target: string
    generation: number
    epoch: number
    era: number
    window: number
    ordinal: number
  }
  /** Something failed that may pass. The worker tries again after `retryInMs`; `attempt` counts the failures in a row. */
  'target.retrying': { target: string; attempt: number; retryInMs: number; error: Failure }
  /** The target stopped at an error that trying again would not cure, or cannot be opened. */
  'target.stopped': { target: string; error: Failure }
  /** The target is held, because its read model was detached at `since`. */
  'target.detached': { target: string; since: string }
  /** The read model of a target that was held is attached, and the worker has read its definition again. */
  'target.attached': { target: string }
  /**
   * The target went on without an event, and recomputed the `keys` that it may have changed: how many, or null if they are
   * unknown and it is rebuilt.
   */
  'event.parked': {
    target: string
    type: string
    ordinal: number
    position: number
    keys: number | null
    error: Failure
  }
  /** Another consumer has taken the lease of the target. */
  'lease.lost': { target: string; generation: number; epoch: number }
  /** A page was applied: how many events changed how many keys. `ordinal` is its last, `window` the newest it touches. */
  'page.applied': { target: string; events: number; keys: number; window: number; ordinal: number; ms: number }

  /** A worker, or an operator, began to build the next generation of a target. */
  'rebuild.started': { target: string; generation: number; reason: string }
  /** A rebuild continues an interrupted one, which has copied `rows` rows. Said in place of `rebuild.started`. */
  'rebuild.continued': { target: string; generation: number; reason: string; rows: number }
  /**
   * The definition cannot be read key range by key range, so one transaction reads it whole, and `VACUUM` waits for that.
   * `rows` is the planner's estimate; `expectedMs` is how long the last rebuild took, if there was one.
   */
  'rebuild.at-one-snapshot': { target: string; rows: number; expectedMs?: number }
  /**
   * Rows that the next generation has so far, how many it will have as far as that is known (an estimate until the end), how
   * many were written in a second, and how many seconds are left.
   */
  'rebuild.progressed': {
    target: string
    rows: number
    total?: number
    rowsPerSecond?: number
    secondsLeft?: number
  }
  /** The new generation is being compared with its definition: `rows` so far, of about `total`. */
  'rebuild.verifying': { target: string; generation: number; rows: number; total?: number }
  /** Rows of the new generation differed from its definition, and were recomputed; `examples` are the first keys. All rows are compared again. */
  'rebuild.repaired': { target: string; generation: number; differences: number; examples: string[] }
  /** The new generation is equal to its definition. */
  'rebuild.verified': { target: string; generation: number; rows: number; ms: number }
  /** The new generation serves. */
  'rebuild.finished': { target: string; generation: number; ms: number }
  /** A rebuild was cancelled. Its generation keeps `rows` rows: the next rebuild continues with them, if nothing has changed. */
  'rebuild.kept': { target: string; generation: number; rows: number; ms: number }
  /** A generation that was replaced cannot follow any more, so `trifold rollback` cannot serve it again. It is dropped. */
  'generation.cold': { target: string; generation: number; error: Failure }
  /** A rebuild failed after it had begun. The generation before it still serves. */
  'rebuild.discarded': { target: string; generation: number; ms: number; error: Failure }

  /** A scheduled refresh of a view ended; `rows` is how many the view has. */
  'refresh.finished': { target: string; rows?: number; ms: number }
  /** A scheduled refresh was left out, because another one of the view was running. */
  'refresh.skipped': { target: string; ms: number }
  /**
   * A scheduled refresh failed, at its `attempt`-th time. It is tried again after `retryInMs`, or at its next regular run.
   */
  'refresh.failed': { target: string; ms: number; attempt: number; retryInMs?: number; error: Failure }

  /** A worker compared `rows` rows of a target with its definition: they are equal. */
  'verify.finished': { target: string; rows: number; ms: number }
  /** Rows of a target differ from its definition; `repaired` of them were put right. `examples` are keys. */
  'verify.differs': {
    target: string
    rows: number
    differences: number
    repaired: number
    examples: string[]
    ms: number
  }
  /** A worker could not verify a target. It is tried again; the same message is said once. */
  'verify.failed': { target: string; error: Failure }

  /** The schedule of a target was taken out of the queue, because this process does not run that target. */
  'schedule.removed': { target: string }
  /**
   * The schedule could not begin (tried again every 5 seconds; the same message is said once), its queue could not be
   * compared with `trifold.schedules`, or not be closed.
   */
  'schedule.failed': { step: 'start' | 'reconcile' | 'close'; error: Failure }
  /** The queue of the schedule reports an error. The same message is said once a minute; `count` is how often it came. */
  'queue.failed': { count: number; error: Failure }

  /** The upkeep of the outbox failed. It is tried again every minute; the same message is said once. */
  'maintenance.failed': { error: Failure }
  /** The partition of the outbox that was written is old or large enough: the next event begins another. */
  'partition.closed': { partition: string }
  /** Every consumer has read the events of a partition of the outbox, and they were kept long enough: they are gone. */
  'partition.dropped': { partition: string; bytes: number }
  /** The target kept events for too long (`cap`), or is in no configuration and nobody runs it (`abandoned`): it needs a rebuild. */
  'target.cut-off': { target: string; reason: 'cap' | 'abandoned' }
  /** A partition of the outbox is due and could not be made. Appends go on, into the default partition. */
  'partition.due': { partition: string; reason: string; nextStep: string }
}

/** What can happen: the `kind` of an observation. */
export type ObservationKind = keyof Observations

/** One thing that happened: `kind` and its fields. */
export type Observation<Kind extends ObservationKind = ObservationKind> = {
  [Each in Kind]: { readonly kind: Each } & Readonly<Observations[Each]>
}[Kind]

/** Called with every observation, in order, while the part that makes it waits: it should return at once. */
export type Observe = (observation: Observation) => void
