import { FeedCatchUp } from '../consumer/catch-up.ts'
import { Projector } from '../consumer/projector.ts'
import { refuseDetached } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import type { EventFed, Materializer } from '../materializer.ts'
import { guarded, type Observe } from '../observe.ts'
import type { EventRegistry } from '../outbox.ts'
import { type NextBuild, rebuildTarget } from '../rebuild.ts'
import type { Toolkit } from '../toolkit.ts'
import { verifierOf } from '../verify/built.ts'
import { requested } from './plan-rebuild.ts'

/** How a rebuild is watched and stopped. */
export interface RebuildOptions {
  /** Ends the rebuild: the key ranges that a table has are kept for the next one, anything else is discarded. */
  signal?: AbortSignal
  /** Called with what happens, `rebuild.progressed` for one. What an observer throws does no harm. */
  observe?: Observe | readonly Observe[] | undefined
  /** Why: it is kept with the generation. */
  reason?: string | undefined
  /** Most rows a second that a copy by key ranges writes, above 0; default no limit. A copy at one snapshot has none. */
  maxRate?: number | undefined
  /**
   * Whether a table or index is compared with its definition before it serves, and repaired; default true. It costs about as
   * much as the copy did.
   */
  verify?: boolean | undefined
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

/**
 * Builds the next generation of a target beside the one that serves, catches up with it, and serves it. A worker that
 * runs meanwhile continues with the new one.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, KEY_INVALID, FACADE_TAKEN, HANDLER_FAILED,
 * REBUILD_DIFFERS and what the engine refuses
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
  const { target } = materializer.context
  const observe = guarded(options.observe)
  const fed =
    materializer.fedBy === 'events' ? whileFed(materializer, toolkit.config.events, { ...options, observe }) : {}
  const generation = await rebuildTarget(materializer, reason, {
    ...options,
    verify: undefined,
    ...fed,
    observe,
    evenIfFit: true,
    warmFor: toolkit.config.keepWarm,
  })
  if (!generation) throw running(target)
  const milliseconds = performance.now() - started
  const { rows, sizeBytes } = await materializer.status()
  return { target, generation: generation.number, reason, milliseconds, rows, bytes: sizeBytes }
}

/** A read model that is being attached is not compared: its rows are held for as short as possible. */
function whileFed(
  materializer: EventFed,
  events: EventRegistry,
  {
    verify = true,
    attaching,
    ...options
  }: Omit<RebuildOptions, 'observe'> & { observe: Observe | undefined; attaching?: boolean },
): Pick<NextBuild, 'catchUp' | 'verify'> {
  const { definition, model } = materializer.context
  return {
    catchUp: (next) => new FeedCatchUp(materializer, new Projector(definition, model, events), next, options),
    verify: verify && !attaching ? verifierOf(materializer, events, options) : undefined,
  }
}

const running = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `rebuild: ${target} is being rebuilt by another process now; look at \`trifold status\`, and wait for it`,
  )
