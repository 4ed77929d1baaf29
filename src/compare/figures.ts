import type { Agreement } from '../operator/agree.ts'
import { agree } from '../operator/agree.ts'
import { fill } from '../operator/fill.ts'
import type { Amount, Series, TargetFigures } from './comparison.ts'
import type { Measured } from './measure.ts'
import { needsOf } from './needs.ts'
import type { Stage } from './stage.ts'
import type { ComparedTarget } from './targets.ts'
import { viewRefreshesOf } from './view-refreshes.ts'
import { type Interval, indexRefreshesOf, workOf } from './work.ts'

const defaultIndexRefresh = '100ms'

/**
 * What is known of each target once the load has ended: rebuilt where it stood before, and compared with the definition
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
  const agreements = await agree(stage.toolkit, stage.readModel)
  const figures: TargetFigures[] = []
  for (const target of stage.targets) {
    const agreement = agreements.find((one) => one.target === target.target) as Agreement
    figures.push(await figuresOf(stage, target, measured, postgres, agreement))
  }
  return figures
}

async function rebuildStanding({ targets, toolkit, progress, signal }: Stage, rebuild: boolean): Promise<void> {
  for (const target of targets.filter(({ temporary }) => !temporary)) {
    if (!rebuild) {
      target.rebuild = { notMeasured: 'it was not to be built anew (--no-rebuild)' }
      continue
    }
    signal.throwIfAborted()
    progress.phase?.(`building ${target.target} anew`)
    const onFill = (_: string, rows: number) => progress.update?.(`${rows} rows`)
    const { milliseconds } = await fill(toolkit, target.target, {
      onFill,
      signal,
      reason: 'a comparison timed its rebuild',
    })
    target.rebuild = { value: milliseconds, unit: 'ms', note: 'built anew beside the one that served, after the load' }
  }
}

async function figuresOf(
  { toolkit, timing }: Stage,
  target: ComparedTarget,
  { load, since, begun, watched, intervals }: Measured,
  postgres: string,
  { rows, missing, surplus, different }: Agreement,
): Promise<TargetFigures> {
  const { kind, materializer } = target
  const interval = intervals.get(target.target) as Interval
  const { lag = [], neverSeen = 0 } = watched.get(target.target) ?? {}
  const refresh: Series =
    kind === 'view' ? await viewRefreshesOf(toolkit.pool, target.target, begun) : indexRefreshesOf(interval, since)
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
    agrees: { equal: missing + surplus + different === 0, rows, missing, surplus, different },
    needs: needsOf(kind, timing, search?.indexRefresh ?? defaultIndexRefresh),
  }
}

async function storageOf({ kind, materializer }: ComparedTarget): Promise<Amount> {
  const { sizeBytes } = await materializer.status()
  if (sizeBytes === undefined) return { notMeasured: 'its engine did not tell' }
  const note = kind === 'search' ? 'the index with all its copies' : 'with its indexes'
  return { value: sizeBytes, unit: 'bytes', note }
}
