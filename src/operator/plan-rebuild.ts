import { isHeld, refuseDetached } from '../detachment.ts'
import type { Prepared, StorageStatus } from '../materializer.ts'
import { reasonToRebuild } from '../rebuild/outdated.ts'
import { readDetachment } from '../schema/detachments.ts'
import { lastBuild } from '../schema/generations.ts'
import { parseTarget } from '../target.ts'
import type { Toolkit } from '../toolkit.ts'
import { inRebuildOrder } from './rebuild-order.ts'
import { targetsNamed } from './targets-named.ts'
import { withinTime } from './within-time.ts'

/**
 * Which targets a rebuild is for: those of some names (targets, or read models for all of theirs), those that are missing
 * or out of date, or all that are configured.
 */
export type Wanted = { names: readonly string[] } | 'outdated' | 'all'

/** What `rebuild` would do to a target. */
export interface RebuildPlan {
  target: string
  /** Undefined if the target would be left as it is. */
  reason: string | undefined
  /** Number of the generation that serves now. */
  serving: number | undefined
  /** Since when its read model is detached: it is left alone until that is attached. */
  detachedSince?: string
  /** Why it cannot be rebuilt as things are. */
  error?: Error
}

/** What a rebuild is expected to cost: what the generation that serves has now, and took. Undefined is unknown. */
export interface RebuildCost {
  rows: number | undefined
  bytes: number | undefined
  milliseconds: number | undefined
}

/** Why a target is rebuilt that is as it should be. */
export const requested = 'an operator asked for it'

const engineTimeout = 5_000

/**
 * Says which targets would be rebuilt and why, in the order in which to do it. Nothing is changed, except that names which a crash left behind are put
 * right.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED if it is named, DEFINITION_DRIFT, SEARCH_UNREACHABLE
 */
export async function planRebuild(toolkit: Toolkit, wanted: Wanted): Promise<RebuildPlan[]> {
  const isNamed = typeof wanted === 'object'
  const targets = isNamed ? targetsNamed(toolkit, wanted.names) : toolkit.targetNames
  const plan = wanted === 'outdated' ? planOutdated : planRequested
  const planned = (target: string) => (isNamed ? plan(toolkit, target) : tolerant(toolkit, target, plan))
  const plans = await Promise.all(targets.map(planned))
  const order = await inRebuildOrder(toolkit, targets)
  return plans.sort((a, b) => order.indexOf(a.target) - order.indexOf(b.target))
}

/** One target's trouble keeps no other from its rebuild, if none is named. */
async function tolerant(toolkit: Toolkit, target: string, plan: typeof planOutdated): Promise<RebuildPlan> {
  try {
    const detachment = await readDetachment(toolkit.pool, parseTarget(target).readModel)
    if (isHeld(detachment))
      return { target, reason: undefined, serving: undefined, detachedSince: detachment.detachedAt }
    return await plan(toolkit, target)
  } catch (error) {
    return { target, reason: undefined, serving: undefined, error: error as Error }
  }
}

async function planOutdated(toolkit: Toolkit, target: string): Promise<RebuildPlan> {
  const materializer = await toolkit.current(target)
  const prepared = await materializer.prepare()
  return { target, reason: reasonToRebuild(materializer, prepared), serving: servedBy(prepared) }
}

/** A definition that does not fit what serves is no reason against a rebuild: the build cures it. */
async function planRequested(toolkit: Toolkit, target: string): Promise<RebuildPlan> {
  await refuseDetached(toolkit.pool, 'rebuild', target)
  const materializer = await toolkit.current(target)
  const prepared = await materializer.prepare().catch(() => undefined)
  const reason = (prepared && reasonToRebuild(materializer, prepared)) ?? requested
  return { target, reason, serving: servedBy(prepared) }
}

const servedBy = (prepared: Prepared | undefined): number | undefined =>
  prepared?.state === 'ready' ? prepared.generation.number : undefined

/** What the rebuild of a target is expected to cost. An engine that does not answer knows nothing. */
export async function rebuildCost(toolkit: Toolkit, target: string): Promise<RebuildCost> {
  const [stored, built] = await Promise.all([
    withinTime(storageOf(toolkit, target), engineTimeout, target).catch(() => undefined),
    lastBuild(toolkit.pool, target),
  ])
  return { rows: stored?.rows ?? built?.rows, bytes: stored?.sizeBytes, milliseconds: built?.milliseconds }
}

const storageOf = async (toolkit: Toolkit, target: string): Promise<StorageStatus> =>
  (await toolkit.reopened(target)).status()
