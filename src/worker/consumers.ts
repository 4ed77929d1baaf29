import { Projector } from '../consumer/projector.ts'
import { type ConsumerOptions, consume } from '../consumer.ts'
import type { EventFed, Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { readStoppedAt, type StoppedAt } from '../schema/consumers.ts'
import type { Toolkit } from '../toolkit.ts'
import { verifierOf } from '../verify/built.ts'
import { untilAttached } from './attached.ts'
import { untilOpen } from './broken.ts'

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
 * the event at which the one before stopped) or resumed. One that is detached is taken back once it is attached. Either
 * may have another definition by then, so it is opened again.
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
      await untilMended(kept, outcome.at, options.signal)
      running.goesOn(target)
      kept = await untilOpen(target, () => toolkit.renewed(target), options)
    } else kept = await untilAttached(toolkit, kept, options)
  }
}

/**
 * Until another generation serves than the one that stopped, or its failure is cleared. Either may have happened by the
 * first look. Without `at` that look shows what stopped.
 */
async function untilMended({ context }: EventFed, at: StoppedAt | undefined, signal: AbortSignal): Promise<void> {
  let before = at
  while (!signal.aborted) {
    const now = await readStoppedAt(context.pool, context.target).catch(() => undefined)
    if (now && before && (now.generationId !== before.generationId || (before.failed && !now.failed))) return
    before = now ?? before
    await pause(lookAfter, signal)
  }
}
