import { loadavg } from 'node:os'
import type { ResolvedConfig } from 'trifold/internal/config'
import { relationSource } from 'trifold/internal/materializers/relation-source'
import type { ReadRelation } from 'trifold/internal/query/relation/find'
import { openToolkit, type ReadableTarget, type Toolkit } from 'trifold/internal/toolkit'
import { whileAlone } from './alone.ts'
import type { Comparison, Setting } from './comparison.ts'
import { comparedTargets, comparisonConfig } from './configuration.ts'
import { tooLittle } from './failure.ts'
import { targetFigures } from './figures.ts'
import { checkLoad, type LoadLimits } from './limits.ts'
import { chooseLoad } from './load/choice.ts'
import type { LoadSource } from './load/protocol.ts'
import { type Measured, measureLoad } from './measure.ts'
import { type ProductionSigns, productionSigns, refuseProduction } from './production.ts'
import type { CompareProgress } from './progress.ts'
import { measureQueries } from './queries/queries.ts'
import { type NamedQuery, readQueries } from './queries/read-file.ts'
import { unservedPages } from './queries/unserved.ts'
import { recommend } from './recommend.ts'
import { remarksOf } from './remarks.ts'
import { readSetting } from './setting.ts'
import { type Stage, withStage } from './stage.ts'
import { intervalOf } from './view-schedule.ts'

/** What is compared, under which load and for how long. */
export interface CompareOptions {
  /** The file that the configuration was loaded from: each worker loads it in its own process. */
  configFile: string
  /** A file with a workload; default: `workload` in the configuration. */
  workload?: string | undefined
  /** A file with queries, JSON or a module; default: queries are derived from key, indexes and data. */
  queries?: string | undefined
  /** Seconds of load; default 60. */
  seconds?: number | undefined
  /** Transactions a second; default 20. */
  rate?: number | undefined
  /** Appends the newest events of the outbox again in place of a workload. */
  replay?: boolean | undefined
  /** Also on a database that looks like one in use, and with any load. */
  yes?: boolean | undefined
  /** Whether targets that serve are rebuilt to time it; default true. */
  rebuild?: boolean | undefined
  progress?: CompareProgress | undefined
  /** Ends the comparison; what it created is removed all the same. */
  signal?: AbortSignal | undefined
}

const defaultRate = 20
const defaultSeconds = 60

/**
 * Puts the same load on all three targets of a read model and measures what each gives and costs. Targets that are missing
 * are created and removed at the end; the write model keeps what the workload wrote.
 *
 * @throws READ_MODEL_UNKNOWN, COMPARE_LOAD, COMPARE_PRODUCTION, COMPARE_RUNNING, COMPARE_WORKLOAD, COMPARE_REPLAY,
 * COMPARE_QUERIES, QUERY_INVALID, COMPARE_TOO_LITTLE, COMPARE_FAILED; what opening the toolkit and rebuilds throw
 */
export async function compare(config: ResolvedConfig, readModel: string, options: CompareOptions): Promise<Comparison> {
  const limits = { rate: options.rate ?? defaultRate, seconds: options.seconds ?? defaultSeconds }
  checkLoad(limits, options.yes ?? false)
  const { targets, indexPrefix, remarks } = await comparedTargets(config, readModel)
  const toolkit = await openToolkit(comparisonConfig(config, readModel, targets, { indexPrefix }))
  try {
    return await whileAlone(config.database, readModel, () =>
      compareOpened(config, toolkit, readModel, limits, options, remarks),
    )
  } catch (error) {
    options.signal?.throwIfAborted() // a rebuild says that it was cancelled, and not why
    throw error
  } finally {
    await toolkit.close()
  }
}

async function compareOpened(
  config: ResolvedConfig,
  toolkit: Toolkit,
  readModel: string,
  limits: LoadLimits,
  options: CompareOptions,
  remarks: readonly string[],
): Promise<Comparison> {
  const { progress = {}, signal = new AbortController().signal } = options
  const busy = loadavg()[0] as number
  progress.phase?.('looking at the database')
  const { definition } = toolkit.target(toolkit.targetNames[0] as string).context
  const queries = options.queries === undefined ? undefined : await readQueries(options.queries, definition)
  const signs = await productionSigns(toolkit.pool, config)
  if (!options.yes) refuseProduction(signs)
  const source = await chooseLoad(config, toolkit, readModel, limits, options, signs)
  const setting = await readSetting(toolkit.pool, definition, toolkit.config.search)
  if (setting.rows === 0) {
    throw tooLittle(`${readModel} has no rows, so there is nothing to judge its targets by; write some data first`)
  }
  signal.throwIfAborted()
  const given = { toolkit, readModel, configFile: options.configFile, progress, signal }
  return withStage(given, (stage) =>
    measureAll(stage, { source, limits, options, queries, signs, setting, remarks, busy }),
  )
}

interface Plan {
  source: LoadSource
  limits: LoadLimits
  options: CompareOptions
  queries: NamedQuery[] | undefined
  signs: ProductionSigns
  setting: Omit<Setting, 'seconds' | 'lagResolution'>
  remarks: readonly string[]
  busy: number
}

async function measureAll(stage: Stage, plan: Plan): Promise<Comparison> {
  const { toolkit, progress, signal, targets } = stage
  const measured = await measureLoad(stage, plan.source, plan.limits)
  progress.phase?.('asking queries')
  await refreshUnseen(stage, measured)
  const queries = await measureQueries(toolkit, targets, {
    named: plan.queries,
    tryIndexes: plan.signs.looks.length === 0 && plan.signs.writes === undefined,
    since: measured.since,
    signal,
    onQuery: (name) => progress.update?.(name),
  })
  const figures = await targetFigures(stage, measured, plan.setting.postgres, plan.options.rebuild ?? true)
  const { seconds, lagResolution, load } = measured
  const interval = await refreshIntervalOf(stage)
  const comparison = {
    readModel: stage.readModel,
    setting: { ...plan.setting, seconds, lagResolution },
    load,
    targets: figures,
    queries,
    remarks: [
      ...plan.remarks,
      ...remarksOf(stage, { ...plan, load, seconds, interval }),
      ...(await unservedPages(toolkit.pool, stage.readModel, relationsOf(stage), queries)),
    ],
  }
  return { ...comparison, recommendation: recommend(comparison) }
}

const relationsOf = ({ targets }: Stage): Map<ReadableTarget, ReadRelation> =>
  new Map(
    targets
      .filter(({ materializer }) => !materializer.features.fullText)
      .map(({ kind, materializer }) => [kind, relationSource(materializer.context)]),
  )

async function refreshIntervalOf({ targets, timing }: Stage): Promise<number | undefined> {
  const scheduled = targets.find(({ materializer }) => materializer.fedBy === 'schedule')
  return scheduled && timing && intervalOf(scheduled.target, timing)
}

/** A view whose next refresh is far away is brought up to date by hand, so that queries compare the same rows. */
async function refreshUnseen({ targets }: Stage, { watched }: Measured): Promise<void> {
  for (const { target, materializer } of targets) {
    if (materializer.fedBy === 'schedule' && watched.get(target)?.neverSeen) await materializer.refresh()
  }
}
