import { pause } from '../pause.ts'

const never = new AbortController().signal

/** Holds a copy back, so that it writes no more than so many rows a second. */
export class Pace {
  private readonly rowsPerSecond: number | undefined
  private notBefore = 0

  constructor(rowsPerSecond: number | undefined) {
    this.rowsPerSecond = rowsPerSecond
  }

  /** Waits until rows that were written are within the rate. */
  async after(rows: number, signal: AbortSignal = never): Promise<void> {
    if (!this.rowsPerSecond) return
    const now = performance.now()
    this.notBefore = Math.max(now, this.notBefore) + (rows / this.rowsPerSecond) * 1_000
    await pause(this.notBefore - now, signal)
  }
}
