import { elapsed, failureOf, type Observe } from '../observe.ts'
import type { Generation } from '../schema/generations.ts'

/** Says how the rebuild of one generation goes. */
export class RebuildReporter {
  private readonly observe: Observe | undefined
  private readonly subject: { target: string; generation: number }
  private readonly began = performance.now()

  constructor(observe: Observe | undefined, { target, number }: Generation) {
    this.observe = observe
    this.subject = { target, generation: number }
  }

  /** @param rows those that an interrupted rebuild copied, which this one continues */
  started(reason: string, rows: number | undefined): void {
    if (rows === undefined) this.observe?.({ kind: 'rebuild.started', ...this.subject, reason })
    else this.observe?.({ kind: 'rebuild.continued', ...this.subject, reason, rows })
  }

  finished(): void {
    this.observe?.({ kind: 'rebuild.finished', ...this.subject, ms: elapsed(this.began) })
  }

  /** It was cancelled, and the next rebuild continues with its rows. */
  kept(rows: number): void {
    this.observe?.({ kind: 'rebuild.kept', ...this.subject, rows, ms: elapsed(this.began) })
  }

  discarded(error: unknown): void {
    this.observe?.({ kind: 'rebuild.discarded', ...this.subject, ms: elapsed(this.began), error: failureOf(error) })
  }
}
