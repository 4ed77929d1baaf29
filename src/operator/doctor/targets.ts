import type { ResolvedConfig } from '../../config.ts'
import { openToolkit } from '../../toolkit.ts'
import { type Status, status } from '../status.ts'
import { withinTime } from '../within-time.ts'
import { type Finding, failed, ok, problem, warning } from './finding.ts'

const patience = 20_000

/**
 * What `status` says of the targets, so that the two agree: red is a problem, yellow a warning. A target that was never
 * built is a warning, because the doctor is asked before the first worker runs.
 */
export async function examineTargets(config: ResolvedConfig): Promise<Finding[]> {
  if (Object.keys(config.readModels).length === 0) return []
  try {
    const { targets } = await withinTime(statusOf(config), patience, 'the status of the targets')
    return targets.map((target) => ({ part: 'targets', check: 'status', ...toldOf(target) }))
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

function toldOf({ target, state, verdict, reason, buildFailure }: Status['targets'][number]) {
  const message = `${target} is ${verdict}: ${reason}`
  if (verdict === 'green') return ok(message)
  const isNew = state === 'missing' && !buildFailure
  return (verdict === 'red' && !isNew ? problem : warning)(message, `see \`trifold status\``)
}
