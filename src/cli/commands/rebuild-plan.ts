import { inBytes, inSeconds, inThousands } from '../../operator/figures.ts'
import { type RebuildCost, type RebuildPlan, rebuildCost } from '../../operator/plan-rebuild.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type Console, print } from '../console.ts'
import { describeFailure } from '../failure.ts'

type Costed = RebuildPlan & { cost?: RebuildCost }

/** What `rebuild --dry-run` prints: the plans in the order in which they would be carried out, each with its cost. */
export async function showPlans(
  console: Console,
  toolkit: Toolkit,
  plans: readonly RebuildPlan[],
  json: boolean | undefined,
): Promise<void> {
  const costed: Costed[] = await Promise.all(
    plans.map(async (plan) => (plan.reason ? { ...plan, cost: await rebuildCost(toolkit, plan.target) } : plan)),
  )
  const shown = costed.map(({ error, ...plan }) => (error ? { ...plan, error: describeFailure(error) } : plan))
  print(console, json, { dryRun: true, plans: shown }, () => costed.map(planLine).join('\n'))
  if (plans.some(({ error }) => error)) console.exitCode = 1
}

function planLine({ target, reason, serving, detachedSince, error, cost }: Costed): string {
  if (detachedSince) return skippedLine({ target, detachedSince })
  if (error) return `${target}: cannot be rebuilt: ${error.message}`
  if (reason && cost) return `${target}: would be rebuilt, because ${reason} (${costText(cost)})`
  return `${target}: would stay as it is (generation ${serving} serves)`
}

/** The figures of what serves now. */
function costText({ rows, bytes, milliseconds }: RebuildCost): string {
  if (rows === undefined && bytes === undefined && milliseconds === undefined) return 'its cost is unknown'
  const size = `${rows === undefined ? 'unknown' : `about ${inThousands(rows)}`} rows, ${bytes === undefined ? 'unknown size' : inBytes(bytes)}`
  return `${size}, ${milliseconds === undefined ? 'unknown duration' : `${inSeconds(milliseconds)} the last time`}`
}

export const skippedLine = ({ target, detachedSince }: { target: string; detachedSince?: string }): string =>
  `${target}: skipped, because its read model has been detached since ${detachedSince}`
