import type { Observe } from '../observe.ts'

/** A rate of a shorter time says nothing. */
const shortest = 1_000

/** Says how far a copy is. */
export class Progress {
  private readonly observe: Observe
  private readonly target: string
  private began: { at: number; rows: number } | undefined

  constructor(observe: Observe, target: string) {
    this.observe = observe
    this.target = target
  }

  /** @param total how many it will have, if that is known */
  report(rows: number, total: number | undefined): void {
    this.began ??= { at: performance.now(), rows }
    const rate = this.rate(rows)
    const left = rate && total !== undefined && total > rows ? Math.ceil((total - rows) / rate) : undefined
    this.observe({
      kind: 'rebuild.progressed',
      target: this.target,
      rows,
      ...(total !== undefined && { total }),
      ...(rate && { rowsPerSecond: rate }),
      ...(left !== undefined && { secondsLeft: left }),
    })
  }

  /** Rows a second since the first report; undefined or 0 if it is not known. */
  private rate(rows: number): number | undefined {
    const { at, rows: before } = this.began as { at: number; rows: number }
    const passed = performance.now() - at
    return passed < shortest ? undefined : Math.round(((rows - before) / passed) * 1_000)
  }
}
