import { attachment } from '../detachment.ts'
import { isTrifoldError } from '../errors.ts'
import type { Refreshed, Scheduled } from '../materializer.ts'
import { elapsed, type Observe } from '../observe.ts'
import { reasonToRebuild } from '../rebuild/outdated.ts'
import { rebuildTarget } from '../rebuild.ts'
import type { ScheduledTarget } from '../schedule.ts'
import { readDetachment } from '../schema/detachments.ts'
import { configuredTiming } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'

export interface ViewOptions {
  observe: Observe | undefined
  signal: AbortSignal
}

/** A view that a worker keeps. It is held while its read model is detached, and has the definition of then afterwards. */
export class KeptView {
  private readonly toolkit: Toolkit
  private readonly options: ViewOptions
  private view: Scheduled
  private isHeld = false

  constructor(toolkit: Toolkit, view: Scheduled, options: ViewOptions) {
    this.toolkit = toolkit
    this.view = view
    this.options = options
  }

  get target(): string {
    return this.view.context.target
  }

  /** What the schedule needs of it. @throws SCHEDULE_INVALID */
  async scheduled(): Promise<ScheduledTarget> {
    const { target, model } = this.view.context
    return {
      target,
      timing: await configuredTiming(target, model),
      refresh: (signal, options) => this.refresh(signal, options),
    }
  }

  /** Builds it if it has not been built, or is out of date. */
  build(): Promise<void> {
    return this.unlessHeld(() => this.rebuildIfOutdated())
  }

  private refresh(signal: AbortSignal, options: { waited: number; attempt: number }): Promise<Refreshed | undefined> {
    return this.unlessHeld(
      async () => (await this.rebuildIfUnfit()) ?? this.view.refresh({ cause: 'schedule', signal, ...options }),
    )
  }

  /** A detachment may also begin while it works. */
  private async unlessHeld<T>(work: () => Promise<T>): Promise<T | undefined> {
    const state = await attachment(this.toolkit.pool, this.view.context)
    if (state === 'held') return this.hold()
    if (state === 'outdated') await this.renew()
    try {
      return await work()
    } catch (error) {
      if (isTrifoldError(error, 'TARGET_DETACHED')) return this.hold()
      throw error
    }
  }

  private async hold(): Promise<undefined> {
    if (this.isHeld) return
    const since = (await readDetachment(this.toolkit.pool, this.view.context.name))?.detachedAt ?? ''
    this.options.observe?.({ kind: 'target.detached', target: this.target, since })
    this.isHeld = true
  }

  private async renew(): Promise<void> {
    const opened = await this.toolkit.renewed(this.target)
    if (opened.fedBy === 'schedule') this.view = opened
    this.options.observe?.({ kind: 'target.attached', target: this.target })
    this.isHeld = false
  }

  /** Settings are compared at the start only: two workers of different settings must not undo each other's work for ever. */
  private async rebuildIfOutdated(): Promise<void> {
    const prepared = await this.view.prepare()
    const reason = reasonToRebuild(this.view, prepared)
    if (reason === undefined) return
    await rebuildTarget(this.view, reason, { ...this.options, evenIfFit: prepared.state === 'ready' })
  }

  private async rebuildIfUnfit(): Promise<Refreshed | undefined> {
    const prepared = await this.view.prepare()
    if (prepared.state === 'ready') return undefined
    const began = performance.now()
    const generation = await rebuildTarget(this.view, prepared.reason, this.options)
    const outcome = generation ? 'refreshed' : 'skipped'
    return { outcome, milliseconds: elapsed(began), snapshot: undefined, rows: undefined }
  }
}
