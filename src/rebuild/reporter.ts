import { elapsed, failureOf, type Observe } from '../observe.ts'
import type { Generation } from '../schema/generations.ts'

/** Says how the rebuild of one generation goes. */
export class RebuildReporter {
  private readonly observe: Observe | undefined
  private readonly subject: { target: string; generation: number }
  private readonly began = performance.now()

  constructor(observe: Observe | undefined, { target, number }: Generation, reason: string) {
    this.observe = observe
    this.subject = { target, generation: number }
    observe?.({ kind: 'rebuild.started', ...this.subject, reason })
  }

  finished(): void {
    this.observe?.({ kind: 'rebuild.finished', ...this.subject, ms: elapsed(this.began) })
  }

  discarded(error: unknown): void {
    this.observe?.({ kind: 'rebuild.discarded', ...this.subject, ms: elapsed(this.began), error: failureOf(error) })
  }
}
