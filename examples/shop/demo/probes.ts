import type { ReadModelReader, RowOf } from 'trifold'
import type { Step } from './traffic.ts'

export type TargetKind = 'table' | 'view' | 'search'

/** Reads the orders as the targets show them. */
export type Reader = ReadModelReader<RowOf<'order_summary'>>

/** Reads the order of a step back from one target, with its commit token: milliseconds from the commit to the answer. */
export async function readBack(
  reader: Reader,
  target: TargetKind,
  step: Step,
): Promise<{ milliseconds: number; row: RowOf<'order_summary'> | undefined }> {
  const { rows } = await reader.find({
    from: target,
    where: { order_id: step.orderId },
    after: step.commit,
    timeout: '60s',
  })
  return { milliseconds: performance.now() - step.committedAt, row: rows[0] }
}

/** Measures from time to time how long a commit takes to be visible in every target. */
export class Probes {
  /** Milliseconds from commit to visible, by target. */
  readonly measured = new Map<TargetKind, number[]>()
  private readonly reader: Reader
  private readonly every: number
  private readonly waiting = new Set<Promise<void>>()
  private last = Number.NEGATIVE_INFINITY
  private failure: unknown

  /** @param every milliseconds between two probes */
  constructor(reader: Reader, targets: readonly TargetKind[], every: number) {
    this.reader = reader
    this.every = every
    for (const target of targets) this.measured.set(target, [])
  }

  /** Follows this step, where the last probe is long enough ago. */
  offer(step: Step): void {
    if (performance.now() - this.last < this.every) return
    this.last = performance.now()
    for (const [target, values] of this.measured) {
      const probe = readBack(this.reader, target, step)
        .then(({ milliseconds }) => void values.push(milliseconds))
        .catch((error) => {
          this.failure ??= error
        })
        .finally(() => this.waiting.delete(probe))
      this.waiting.add(probe)
    }
  }

  /** Waits for the probes under way. @throws what a probe failed with */
  async settle(): Promise<void> {
    await Promise.all(this.waiting)
    if (this.failure) throw this.failure
  }
}
