import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { leaseMilliseconds } from '../lease-time.ts'

/** How the event loop of this process is. */
export interface LoopReport {
  ok: boolean
  /** The longest time for which it was blocked since the last answer, in milliseconds. */
  longestBlock: number
  upSeconds: number
}

/** Measures for how long the event loop is blocked. One that is blocked for longer than a lease loses it. */
export class LoopDelay {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 })

  constructor() {
    this.delay.enable()
  }

  report(): LoopReport {
    const longestBlock = Math.round(Math.max(0, this.delay.max) / 1e6)
    this.delay.reset()
    return { ok: longestBlock < leaseMilliseconds, longestBlock, upSeconds: Math.round(process.uptime()) }
  }

  close(): void {
    this.delay.disable()
  }
}
