import { isTrifoldError } from 'trifold/internal/errors'
import type { Observe } from 'trifold/internal/observe'
import { inThousands } from 'trifold/internal/operator/figures'
import { rebuild } from 'trifold/internal/operator/rebuild'
import type { Verification } from 'trifold/internal/operator/verify'
import { verify } from 'trifold/internal/operator/verify'
import { pause } from 'trifold/internal/pause'
import { clock } from './clock.ts'
import type { Amount, Series, TargetFigures } from './comparison.ts'
import type { Measured } from './measure.ts'
import { needsOf } from './needs.ts'
import type { Stage } from './stage.ts'
import type { ComparedTarget } from './targets.ts'
import { viewRefreshesOf } from './view-refreshes.ts'
import { type Interval, indexRefreshesOf, workOf } from './work.ts'

const defaultIndexRefresh = '100ms'
/** How long to wait for other rebuilds and refreshes, in milliseconds. */
const patience = 60_000

/**
 * What is known of each target once the load has ended: rebuilt if it existed before, and compared with the definition
 * row by row.
 */
export async function targetFigures(
  stage: Stage,
  measured: Measured,
  postgres: string,
  rebuild: boolean,
): Promise<TargetFigures[]> {
  await rebuildStanding(stage, rebuild)
  stage.progress.phase?.('comparing every row with the definition')
  const verifications = await verify(stage.toolkit, stage.readModel)
  const figures: TargetFigures[] = []
  for (const target of stage.targets) {
    const verification = verifications.find((one) => one.target === target.target) as Verification
    figures.push(await figuresOf(stage, target, measured, postgres, verification))
  }
  return figures
}

async function rebuildStanding(stage: Stage, rebuild: boolean): Promise<void> {
  for (const target of stage.targets.filter(({ temporary }) => !temporary)) {
    if (!rebuild) {
      target.rebuild = { notMeasured: 'it was not to be rebuilt (--no-rebuild)' }
      continue
    }
    stage.progress.phase?.(`rebuilding ${target.target}`)
    target.rebuild = await timeRebuild(stage, target)
  }
}

/** A refresh that is due in the meantime is waited for. */
async function timeRebuild({ toolkit, progress, signal }: Stage, { target }: ComparedTarget): Promise<Amount> {
  const observe: Observe = (seen) => {
    if (seen.kind === 'rebuild.progressed') progress.update?.(`${inThousands(seen.rows)} rows`)
  }
  const options = { observe, signal, reason: 'a comparison timed its rebuild' }
  for (const end = clock() + patience; clock() < end; await pause(50, signal)) {
    signal.throwIfAborted()
    try {
      const { milliseconds } = await rebuild(toolkit, target, options)
      return { value: milliseconds, unit: 'ms', note: 'rebuilt beside the one that served, after the load' }
    } catch (error) {
      if (!isTrifoldError(error, 'REFRESH_RUNNING') && !isTrifoldError(error, 'REBUILD_RUNNING')) throw error
    }
  }
  return { notMeasured: `a refresh or another rebuild of it was running for ${patience / 1_000} s` }
}

async function figuresOf(
  { toolkit, timing }: Stage,
  target: ComparedTarget,
  { load, since, begun, watched, intervals }: Measured,
  postgres: string,
  { rows, missing, surplus, different }: Verification,
): Promise<TargetFigures> {
  const { kind, materializer } = target
  const interval = intervals.get(target.target) as Interval
  const { lag = [], neverSeen = 0 } = watched.get(target.target) ?? {}
  const refresh: Series =
    materializer.fedBy === 'schedule'
      ? await viewRefreshesOf(toolkit.pool, target.target, begun, interval.after.at)
      : indexRefreshesOf(interval, since)
  const { search } = materializer.context.model.targets
  return {
    target: target.target,
    materializer: kind,
    temporary: target.temporary,
    lag: { unit: 'ms', samples: lag },
    neverSeen,
    work: workOf(target, interval, load.events, postgres),
    refresh,
    rows: { value: rows - missing + surplus, unit: 'rows' },
    storage: await storageOf(target),
    rebuild: target.rebuild as Amount,
    verified: { equal: missing + surplus + different === 0, rows, missing, surplus, different },
    needs: needsOf(kind, timing, search?.indexRefresh ?? defaultIndexRefresh),
  }
}

async function storageOf({ kind, materializer }: ComparedTarget): Promise<Amount> {
  const { sizeBytes } = await materializer.status()
  if (sizeBytes === undefined) return { notMeasured: 'its engine did not report it' }
  const note = kind === 'search' ? 'the index with all its copies' : 'with indexes'
  return { value: sizeBytes, unit: 'bytes', note }
}
