import { Projector } from '../consumer/projector.ts'
import { type ConsumerOptions, consume } from '../consumer.ts'
import type { EventFed } from '../materializer.ts'
import { pause } from '../pause.ts'
import { servingGeneration } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'

/** Milliseconds between two looks at whether a stopped target was rebuilt. */
const lookAfter = 1_000

/** The targets of a worker that run; the worker ends by itself once none does. */
export class RunningTargets {
  private readonly targets: Set<string>
  private end: () => void = () => {}
  /** Resolves once every target has stopped. */
  readonly ended: Promise<void>

  constructor(targets: readonly string[]) {
    this.targets = new Set(targets)
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
    if (targets.length === 0) this.end()
  }

  stopped(target: string): void {
    this.targets.delete(target)
    if (this.targets.size === 0) this.end()
  }

  goesOn(target: string): void {
    this.targets.add(target)
  }
}

/**
 * Consumes until the signal aborts. A target that stopped is taken back once it has been rebuilt: the new generation
 * shows the event at which the one before stopped.
 */
export async function keepConsuming(
  toolkit: Toolkit,
  materializer: EventFed,
  running: RunningTargets,
  options: Omit<ConsumerOptions, 'materializer' | 'projector'>,
): Promise<void> {
  const { target, definition, model } = materializer.context
  const projector = new Projector(definition, model, toolkit.config.events)
  while ((await consume({ ...options, materializer, projector })) === 'stopped') {
    running.stopped(target)
    await untilRebuilt(materializer, options.signal)
    running.goesOn(target)
  }
}

async function untilRebuilt({ context }: EventFed, signal: AbortSignal): Promise<void> {
  const generation = () => servingGeneration(context.pool, context.target).catch(() => 'unknown' as const)
  let stoppedAt = await generation()
  while (!signal.aborted) {
    const now = await generation()
    if (stoppedAt === 'unknown') stoppedAt = now
    else if (now !== 'unknown' && now?.id !== stoppedAt?.id) return
    await pause(lookAfter, signal)
  }
}
