import type { Amount, Series, TargetFigures } from './comparison.ts'
import type { SearchUsage } from './search-usage.ts'
import type { ComparedTarget } from './targets.ts'
import type { WorkerUsage } from './worker/protocol.ts'

/** What was read of a target at one moment. */
export interface Reading {
  /** Undefined if somebody else's worker keeps the target. */
  worker: WorkerUsage | undefined
  search: SearchUsage | undefined
  /** The ordinal of the last event applied; undefined for a view. */
  ordinal: number | undefined
  /** When, by the database's clock. */
  at: string
}

/** Between two readings. */
export interface Interval {
  before: Reading
  after: Reading
}

type Work = TargetFigures['work']

/**
 * What a target cost between two readings.
 *
 * @param appended events appended meanwhile: what a view's refreshes brought in
 * @param server major and minor version of PostgreSQL, for the reason why it does not tell
 */
export function workOf(target: ComparedTarget, interval: Interval, appended: number, server: string): Work {
  const events = eventsOf(interval, appended)
  const { before, after } = interval
  if (!before.worker || !after.worker) {
    const none: Amount = { notMeasured: target.keptBy ?? 'no worker of the comparison ran it' }
    return { workerCpu: none, engineCpu: none, wal: none, bytesWritten: none, events }
  }
  const { worker: first } = before
  const { worker: last } = after
  const backends = difference(first.sessions.cpu, last.sessions.cpu)
  const untold = `PostgreSQL ${server} does not report it by session; 18 and later do`
  return {
    workerCpu: { value: last.cpu - first.cpu, unit: 'ms', note: 'user and system time of its worker process' },
    engineCpu: engineCpu(backends, searchDifference(interval, 'cpu')),
    wal: amount('bytes', difference(first.sessions.wal, last.sessions.wal), untold),
    bytesWritten: bytesWritten(difference(first.sessions.written, last.sessions.written), interval, untold),
    events,
  }
}

function eventsOf({ before, after }: Interval, appended: number): Amount {
  const applied = difference(before.ordinal, after.ordinal)
  if (applied !== undefined) return { value: applied, unit: 'events', note: 'events that its consumer passed' }
  return {
    value: appended,
    unit: 'events',
    note: 'events appended meanwhile; a refresh reads the write model, not events',
  }
}

function engineCpu(backends: number | undefined, search: number | undefined): Amount {
  if (backends === undefined) {
    return { notMeasured: 'the backends of PostgreSQL are no processes of this machine (Linux) that it can read' }
  }
  const note = 'the PostgreSQL backends of its worker, without their parallel workers'
  if (search === undefined) return { value: backends, unit: 'ms', note }
  return {
    value: backends + search,
    unit: 'ms',
    note: `${note}, and all of OpenSearch: other indexes cannot be told apart`,
    parts: [
      { name: 'PostgreSQL', value: backends },
      { name: 'OpenSearch', value: search },
    ],
  }
}

function bytesWritten(backends: number | undefined, interval: Interval, untold: string): Amount {
  const { before, after } = interval
  if (backends === undefined) return { notMeasured: untold }
  const note = 'by the backends themselves, data and WAL; what the checkpointer writes later is not in it'
  if (!before.search || !after.search) return { value: backends, unit: 'bytes', note }
  // What was written as segments is what the index grew by and what merges replaced.
  const segments = after.search.stored - before.search.stored + after.search.merged - before.search.merged
  const log = Math.max(0, after.search.log - before.search.log)
  return {
    value: backends + Math.max(0, segments) + log,
    unit: 'bytes',
    note: `PostgreSQL: ${note}. OpenSearch: by the statistics of the index`,
    parts: [
      { name: 'PostgreSQL', value: backends },
      { name: 'segments of the index', value: Math.max(0, segments) },
      { name: 'log of the index', value: log },
    ],
  }
}

const searchDifference = ({ before, after }: Interval, what: keyof SearchUsage): number | undefined =>
  difference(before.search?.[what], after.search?.[what])

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before

const amount = (unit: 'bytes', value: number | undefined, reason: string): Amount =>
  value === undefined ? { notMeasured: reason } : { value, unit }

/** The index refreshes that a worker asked for between two readings. */
export function indexRefreshesOf({ before, after }: Interval, since: number): Series {
  const known = before.worker?.indexRefreshes.length ?? 0
  const refreshes = after.worker?.indexRefreshes.slice(known) ?? []
  return { unit: 'ms', samples: refreshes.map(([at, value]) => ({ at: (at - since) / 1_000, value })) }
}
