import { Projector } from '../consumer/projector.ts'
import { type Consumed, type ConsumerOptions, consume } from '../consumer.ts'
import { isTrifoldError } from '../errors.ts'
import type { EventFed, Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { readStoppedAt } from '../schema/consumers.ts'
import type { Toolkit } from '../toolkit.ts'
import { verifierOf } from '../verify/built.ts'
import { untilAttached } from './attached.ts'
import { untilOpen } from './broken.ts'
import { isCorrected } from './corrected.ts'

/** Milliseconds between two looks at whether a stopped target was rebuilt or resumed. */
const lookAfter = 1_000

/** The targets of a worker that run. It says so whenever the last of them has stopped. */
export class RunningTargets {
  private readonly all: readonly string[]
  private readonly running: Set<string>
  private readonly observe: Observe | undefined

  constructor(targets: readonly string[], observe: Observe | undefined) {
    this.all = targets
    this.running = new Set(targets)
    this.observe = observe
  }

  stopped(target: string): void {
    this.running.delete(target)
    if (this.running.size === 0) this.observe?.({ kind: 'worker.stalled', targets: [...this.all] })
  }

  goesOn(target: string): void {
    this.running.add(target)
  }
}

/**
 * Consumes until the signal aborts. A target that stopped is taken back once it has been rebuilt (the new generation shows
 * the event at which the one before stopped) or resumed, or once what had drifted is as it was. One that is detached is taken
 * back once it is attached. Each may have another definition by then, so it is opened again.
 */
export async function keepConsuming(
  toolkit: Toolkit,
  materializer: EventFed,
  running: RunningTargets,
  options: Omit<ConsumerOptions, 'materializer' | 'projector' | 'verify'> & { verifyBuilds: boolean },
): Promise<void> {
  let kept: Materializer | undefined = materializer
  while (kept?.fedBy === 'events') {
    const { target, definition, model } = kept.context
    const projector = new Projector(definition, model, toolkit.config.events)
    const verify = options.verifyBuilds ? verifierOf(kept, toolkit.config.events, options) : undefined
    const outcome = await consume({ ...options, materializer: kept, projector, verify })
    if (outcome.kind === 'ended') return
    if (outcome.kind === 'stopped') {
      running.stopped(target)
      await untilMended(toolkit, kept, outcome, options.signal)
      running.goesOn(target)
      kept = await untilOpen(target, () => toolkit.renewed(target), options)
    } else kept = await untilAttached(toolkit, kept, options)
  }
}

/**
 * Until another generation serves than the one that stopped, its failure is cleared, or the drift at which it stopped is
 * corrected. Each may have happened by the first look. Without `at` that look shows what stopped.
 */
async function untilMended(
  toolkit: Toolkit,
  { context }: EventFed,
  { at, error }: Extract<Consumed, { kind: 'stopped' }>,
  signal: AbortSignal,
): Promise<void> {
  const hasDrifted = isTrifoldError(error, 'DEFINITION_DRIFT')
  let before = at
  while (!signal.aborted) {
    const now = await readStoppedAt(context.pool, context.target).catch(() => undefined)
    if (now && before && (now.generationId !== before.generationId || (before.failed && !now.failed))) return
    if (hasDrifted && (await isCorrected(toolkit, context.target))) return
    before = now ?? before
    await pause(lookAfter, signal)
  }
}
