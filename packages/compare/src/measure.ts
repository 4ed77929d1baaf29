import { freshTarget, waitForToken } from 'trifold/internal/freshness'
import { orAborted } from 'trifold/internal/pause'
import { currentEra, eraNonce } from 'trifold/internal/schema/era'
import { servingPlace } from 'trifold/internal/schema/generations'
import type { Timing } from 'trifold/internal/timing'
import { clock } from './clock.ts'
import type { Load } from './comparison.ts'
import { tooLittle } from './failure.ts'
import type { LoadLimits } from './limits.ts'
import { LoadChild, type Written } from './load/child.ts'
import type { LoadSource } from './load/protocol.ts'
import type { Stage } from './stage.ts'
import type { ComparedTarget } from './targets.ts'
import { Telling } from './telling.ts'
import { intervalOf } from './view-schedule.ts'
import { type Watched, Watcher } from './watch.ts'
import type { Interval, Reading } from './work.ts'

/** What the load was, and what each target did meanwhile. */
export interface Measured {
  load: Load
  seconds: number
  /** When the load began: by `clock`, and by the database's. */
  since: number
  begun: string
  lagResolution: number
  /** By target. */
  watched: Map<string, Watched>
  intervals: Map<string, Interval>
}

/** How long a target may take to show the last commit beyond its refresh interval, and at most, in milliseconds. */
const patience = 15_000
const longestPatience = 120_000

/** Writes at the rate while each target is watched; returns once each shows the last commit, or the wait gives up on it. */
export async function measureLoad(stage: Stage, source: LoadSource, limits: LoadLimits): Promise<Measured> {
  const { progress, signal, toolkit, configFile } = stage
  progress.phase?.('opening the workload')
  const load = await LoadChild.start({ ...limits, configFile, database: toolkit.config.database }, source)
  try {
    signal.throwIfAborted()
    progress.phase?.(`writing ${limits.rate} transactions a second for ${limits.seconds} s`)
    return await watchLoad(stage, source.kind, load, limits)
  } finally {
    await load.close()
    if (!signal.aborted) await settle(stage)
  }
}

async function watchLoad(stage: Stage, kind: Load['kind'], load: LoadChild, limits: LoadLimits): Promise<Measured> {
  const { toolkit, targets } = stage
  const stopped = new AbortController()
  const signal = AbortSignal.any([stage.signal, stopped.signal])
  const watchers = targets.map((target) => new Watcher(toolkit.pool, target, signal))
  await settle(stage) // so that no event of the warm-up is counted with those of the load
  const before = new Map<string, Reading>()
  for (const target of targets) before.set(target.target, await readingOf(stage, target))
  const { rows } = await toolkit.pool.query('select clock_timestamp() as now')
  const telling = new Telling(stage.progress, limits, watchers)
  let since = clock()
  const running = load.run({
    began: (at) => {
      since = at
      telling.begin(at)
    },
    committed: (...commit) => {
      telling.committed += 1
      for (const watcher of watchers) watcher.committed(...commit)
    },
  })
  const writing = orThrow(running, stage.signal)
  try {
    const watching = targets.map(async (target, place) => {
      const watched = await (watchers[place] as Watcher).run(writing, await patienceFor(target, stage.timing))
      return { target: target.target, watched, after: await readingOf(stage, target) }
    })
    const [written, ...seen] = await Promise.all([writing, ...watching])
    stage.signal.throwIfAborted()
    refuseNothing(written, kind)
    return {
      load: loadOf(kind, limits, written),
      seconds: written.seconds,
      since,
      begun: rows[0].now,
      lagResolution: Math.max(0, ...watchers.map((watcher) => watcher.resolution() ?? 0)),
      watched: new Map(seen.map(({ target, watched }) => [target, watched])),
      intervals: new Map(seen.map(({ target, after }) => [target, { before: before.get(target) as Reading, after }])),
    }
  } finally {
    telling.end()
    stopped.abort()
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
async function orThrow<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const result = await orAborted(work, signal)
  signal.throwIfAborted()
  return result as T
}

/** Waits until the targets show everything that has been appended, as a replay does at its end. */
async function settle({ toolkit, targets, signal }: Stage): Promise<void> {
  const { rows } = await toolkit.pool.query(
    `select ${currentEra} || '-' || ${eraNonce} || '.' || pg_current_xact_id() as token`,
  )
  for (const { materializer } of targets) {
    if (materializer.fedBy !== 'events') continue
    const options = { timeout: patience, signal, wake: () => toolkit.wake() }
    await waitForToken(toolkit.pool, freshTarget(materializer), rows[0].token, options).catch(() => {}) // verification reports it
  }
}

const loadOf = (kind: Load['kind'], { rate }: LoadLimits, { transactions, reached }: Written): Load => ({
  kind,
  rate,
  reached,
  transactions,
  events: transactions.reduce((sum, { events }) => sum + events, 0),
})

/** @throws COMPARE_TOO_LITTLE */
function refuseNothing({ transactions }: Written, kind: Load['kind']): void {
  if (transactions.length > 0) return
  throw tooLittle(
    kind === 'replay'
      ? 'no transaction was appended again; give it more time (--for 60s)'
      : 'the workload wrote nothing: each of its transactions returned no commit token; see its rules, or give it more time (--for 60s)',
  )
}

async function patienceFor({ kind, target }: ComparedTarget, timing: Timing | undefined): Promise<number> {
  if (kind !== 'view' || !timing) return patience
  return Math.min(longestPatience, patience + 1.5 * (await intervalOf(target, timing)))
}

async function readingOf(stage: Stage, { target, kind }: ComparedTarget): Promise<Reading> {
  const place = await servingPlace(stage.toolkit.pool, target)
  if (!place) throw new Error(`${target} does not serve`)
  const worker = await stage.workers.get(target)?.usage()
  const search = kind === 'search' && worker ? await stage.search?.usage(place.storage) : undefined
  return { worker, search, ordinal: place.ordinal, at: place.at }
}
