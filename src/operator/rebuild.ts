import { FeedCatchUp } from '../consumer/catch-up.ts'
import { Projector } from '../consumer/projector.ts'
import { isHeld, refuseDetached } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import type { Materializer, Prepared } from '../materializer.ts'
import { guarded, type Observe } from '../observe.ts'
import { reasonToRebuild } from '../rebuild/outdated.ts'
import { rebuildTarget } from '../rebuild.ts'
import { readDetachment } from '../schema/detachments.ts'
import type { Generation } from '../schema/generations.ts'
import { parseTarget } from '../target.ts'
import type { Toolkit } from '../toolkit.ts'

/** How a rebuild is watched and stopped. */
export interface RebuildOptions {
  /** Ends the rebuild: what was built is discarded. */
  signal?: AbortSignal
  /** Called with what happens, `rebuild.progressed` for one. What an observer throws does no harm. */
  observe?: Observe | readonly Observe[] | undefined
  /** Why: it is kept with the generation. */
  reason?: string | undefined
}

/** What came of a rebuild: its duration in milliseconds, the rows and bytes of the new generation. */
export interface RebuildReport {
  target: string
  /** Number of the generation that serves now. */
  generation: number
  /** Why it was rebuilt. */
  reason: string
  milliseconds: number
  rows: number | undefined
  bytes: number | undefined
}

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

/**
 * Says which targets would be rebuilt. Nothing is changed, except that names which a crash left behind are put right.
 *
 * @param targets rebuilt in any case; none means those that are missing or out of date
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED if it is named, DEFINITION_DRIFT, SEARCH_UNREACHABLE
 */
export async function planRebuild(toolkit: Toolkit, targets: readonly string[] = []): Promise<RebuildPlan[]> {
  if (targets.length > 0) {
    return Promise.all(targets.map((target) => planRequested(toolkit, target)))
  }
  return Promise.all(toolkit.targetNames.map((target) => planBare(toolkit, target)))
}

/** One target's trouble keeps no other from its rebuild. */
async function planBare(toolkit: Toolkit, target: string): Promise<RebuildPlan> {
  try {
    const detachment = await readDetachment(toolkit.pool, parseTarget(target).readModel)
    if (isHeld(detachment))
      return { target, reason: undefined, serving: undefined, detachedSince: detachment.detachedAt }
    const materializer = await toolkit.current(target)
    const prepared = await materializer.prepare()
    const reason = reasonToRebuild(materializer, prepared)
    return { target, reason, serving: reason === undefined ? servedBy(prepared) : undefined }
  } catch (error) {
    return { target, reason: undefined, serving: undefined, error: error as Error }
  }
}

const requested = 'an operator asked for it'

/** A definition that does not fit what serves is no reason against a rebuild: the build cures it. */
async function planRequested(toolkit: Toolkit, target: string): Promise<RebuildPlan> {
  toolkit.checkTarget(target)
  await refuseDetached(toolkit.pool, 'rebuild', target)
  const materializer = await toolkit.current(target)
  const prepared = await materializer.prepare().catch(() => undefined)
  return { target, reason: requested, serving: servedBy(prepared) }
}

const servedBy = (prepared: Prepared | undefined): number | undefined =>
  prepared?.state === 'ready' ? prepared.generation.number : undefined

/**
 * Builds the next generation of a target beside the one that serves, catches up with it, and serves it. A worker that
 * runs meanwhile continues with the new one.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, KEY_INVALID, FACADE_TAKEN, HANDLER_FAILED
 * and what the engine refuses
 */
export async function rebuild(toolkit: Toolkit, target: string, options: RebuildOptions = {}): Promise<RebuildReport> {
  toolkit.checkTarget(target)
  await refuseDetached(toolkit.pool, 'rebuild', target)
  return rebuildOpened(toolkit, await toolkit.current(target), options)
}

/**
 * The same of a target that is open.
 *
 * @param options.attaching also if its read model is detached
 */
export async function rebuildOpened(
  toolkit: Toolkit,
  materializer: Materializer,
  options: RebuildOptions & { attaching?: boolean },
): Promise<RebuildReport> {
  const started = performance.now()
  const reason = options.reason ?? requested
  const { target, definition, model } = materializer.context
  const catchUp =
    materializer.fedBy === 'events'
      ? (next: Generation) =>
          new FeedCatchUp(materializer, new Projector(definition, model, toolkit.config.events), next, options.signal)
      : undefined
  const observe = guarded(options.observe)
  const generation = await rebuildTarget(materializer, reason, { ...options, observe, catchUp, evenIfFit: true })
  if (!generation) throw running(target)
  const milliseconds = performance.now() - started
  const { rows, sizeBytes } = await materializer.status()
  return { target, generation: generation.number, reason, milliseconds, rows, bytes: sizeBytes }
}

const running = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `rebuild: ${target} is being rebuilt by another process now; look at \`trifold status\`, and wait for it`,
  )
