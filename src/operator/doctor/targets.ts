import type { ResolvedConfig } from '../../config.ts'
import { excessOf } from '../../materializers/search/excess.ts'
import { openToolkit } from '../../toolkit.ts'
import { type Status, status } from '../status.ts'
import { withinTime } from '../within-time.ts'
import { type Finding, failed, ok, problem, type Told, warning } from './finding.ts'

const patience = 20_000

/**
 * What `status` says of the targets, so that the two agree: red is a problem, yellow a warning. A target that was never
 * built is a warning, because the doctor is asked before the first worker runs.
 */
export async function examineTargets(config: ResolvedConfig): Promise<Finding[]> {
  if (Object.keys(config.readModels).length === 0) return []
  try {
    const { targets } = await withinTime(statusOf(config), patience, 'the status of the targets')
    return targets.flatMap((target) => [
      { part: 'targets', check: 'status', ...toldOf(target) },
      ...tombstonesOf(target).map((told) => ({ part: 'targets' as const, check: 'tombstones', ...told })),
    ])
  } catch (error) {
    return [failed('targets', 'status', error)]
  }
}

async function statusOf(config: ResolvedConfig): Promise<Status> {
  const toolkit = await openToolkit(config)
  try {
    return await status(toolkit)
  } finally {
    await toolkit.close()
  }
}

/** A worker builds such an index again by itself, so this is one that none keeps, or that could not be built. */
export function tombstonesOf({
  target,
  rows = 0,
  tombstones = 0,
}: Pick<Status['targets'][number], 'target' | 'rows' | 'tombstones'>): Told[] {
  const excess = excessOf({ documents: rows, tombstones })
  if (excess === undefined) return []
  return [
    warning(
      `${target} should be built again: ${excess}`,
      `a worker does so within ten minutes; \`trifold rebuild ${target}\` does it now`,
    ),
  ]
}

function toldOf({ target, state, verdict, reason, buildFailure }: Status['targets'][number]) {
  const message = `${target} is ${verdict}: ${reason}`
  if (verdict === 'green') return ok(message)
  const isNew = state === 'missing' && !buildFailure
  return (verdict === 'red' && !isNew ? problem : warning)(message, `see \`trifold status\``)
}
