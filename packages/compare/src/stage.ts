import { setTimeout as delay } from 'node:timers/promises'
import type { TrifoldError } from 'trifold/internal/errors'
import type { Observe } from 'trifold/internal/observe'
import { status } from 'trifold/internal/operator/status'
import type { Timing } from 'trifold/internal/timing'
import type { Toolkit } from 'trifold/internal/toolkit'
import { clock } from './clock.ts'
import { failed } from './failure.ts'
import type { CompareProgress } from './progress.ts'
import type { SearchMeter } from './search-usage.ts'
import {
  type ComparedTarget,
  createTarget,
  readServing,
  removeLeftovers,
  removeTemporary,
  surveyTargets,
} from './targets.ts'
import { timingOf } from './view-schedule.ts'
import { WorkerChild } from './worker/child.ts'

/** Everything that is open while a comparison runs. */
export interface Stage {
  readModel: string
  /** The configuration of the comparison: this read model with all its targets. */
  toolkit: Toolkit
  configFile: string
  targets: ComparedTarget[]
  /** By target; none for those that somebody else's worker keeps. */
  workers: Map<string, WorkerChild>
  /** When the view is refreshed. */
  timing: Timing | undefined
  search: SearchMeter | undefined
  progress: CompareProgress
  /** Aborts if the comparison is interrupted, and if a worker is lost. */
  signal: AbortSignal
}

type Given = Pick<Stage, 'readModel' | 'toolkit' | 'configFile' | 'progress' | 'signal'>

/** How long a worker may take to get its lease, in milliseconds. */
const patience = 60_000

/**
 * Runs `work` with every target built and kept by a worker. What was created is removed afterwards, however it ends.
 *
 * @throws what a rebuild throws, COMPARE_FAILED if a worker does not start or ends by itself
 */
export async function withStage<T>(given: Given, work: (stage: Stage) => Promise<T>): Promise<T> {
  const { toolkit, readModel, progress } = given
  await removeLeftovers(toolkit)
  const serving = await readServing(toolkit.pool, readModel)
  const targets = await surveyTargets(toolkit)
  const search = await openSearchMeter(toolkit)
  const scheduled = targets.find(({ materializer }) => materializer.fedBy === 'schedule')
  const timing = scheduled && (await timingOf(toolkit, scheduled.target))
  const lost = new AbortController()
  const signal = AbortSignal.any([given.signal, lost.signal])
  const stage: Stage = { ...given, signal, targets, workers: new Map(), timing, search }
  try {
    await createMissing(stage)
    await startWorkers(stage)
    for (const { gone } of stage.workers.values()) gone.catch((error) => lost.abort(error))
    return await work(stage)
  } finally {
    const created = targets.some(({ temporary }) => temporary)
    progress.phase?.(created ? 'removing what was created' : 'ending the workers')
    await Promise.all([...stage.workers.values()].map((worker) => worker.close()))
    await removeTemporary(toolkit, targets, serving).catch((cause) => {
      throw notRemoved(readModel, cause)
    })
    await search?.close()
  }
}

const notRemoved = (readModel: string, cause: Error): TrifoldError =>
  failed(
    `what was created could not be removed (${cause.message}); the next comparison of ${readModel} removes it first`,
    cause,
  )

/** OpenSearch's client is loaded only if there is one to ask. */
async function openSearchMeter({ config, targets }: Toolkit): Promise<SearchMeter | undefined> {
  if (!config.search || ![...targets.values()].some(({ features }) => features.fullText)) return undefined
  const { SearchMeter } = await import('./search-usage.ts')
  return new SearchMeter(config.search)
}

async function createMissing({ toolkit, targets, progress, signal }: Stage): Promise<void> {
  for (const target of targets.filter(({ temporary }) => temporary)) {
    signal.throwIfAborted()
    progress.phase?.(`building ${target.target}, which is removed at the end`)
    await createTarget(toolkit, target, { observe: rowsOf(progress), signal })
  }
}

const rowsOf =
  (progress: CompareProgress): Observe =>
  (seen) => {
    if (seen.kind !== 'rebuild.progressed') return
    progress.update?.(seen.total ? `${seen.rows} of ${seen.total} rows` : `${seen.rows} rows`)
  }

async function startWorkers(stage: Stage): Promise<void> {
  const { toolkit, targets, workers, configFile, readModel, progress, signal } = stage
  const { database, search, indexPrefix, readModels } = toolkit.config
  progress.phase?.('starting a worker for each target')
  const configured = readModels[readModel]!.targets
  const starting = targets
    .filter(({ keptBy }) => !keptBy)
    .map(async ({ target, kind, materializer }) => {
      const timing = materializer.fedBy === 'schedule' ? stage.timing : undefined
      const args = { configFile, readModel, kind, targets: configured, timing, database, search, indexPrefix }
      workers.set(target, await WorkerChild.start(args))
    })
  const failures = (await Promise.allSettled(starting)).filter((one) => one.status === 'rejected')
  if (failures[0]) throw failures[0].reason
  signal.throwIfAborted()
  await whenKept(stage)
}

/** Waits until every consumer has its lease. */
async function whenKept({ toolkit, workers, signal }: Stage): Promise<void> {
  for (const end = clock() + patience; clock() < end; await delay(50, undefined, { signal })) {
    const { targets } = await status(toolkit)
    const waiting = targets.filter(
      ({ target, fedBy, consumer }) => workers.has(target) && fedBy === 'events' && !consumer?.held,
    )
    const [first] = waiting
    if (!first) return
    if (!workers.get(first.target)?.running) await workers.get(first.target)?.gone
  }
  throw failed(`a worker did not get the lease of its target within ${patience / 1_000} s; see \`trifold status\``)
}
