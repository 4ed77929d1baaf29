import { fileURLToPath } from 'node:url'
import { startWorkerChild } from '../worker-child.ts'
import type { PausableWorker } from './context.ts'
import type { Engines } from './engines.ts'

const config = fileURLToPath(new URL('./trifold.config.ts', import.meta.url))

/**
 * The worker in a process of its own. A pause is what a deployment is to it: it ends in order, and a new one goes on
 * where it was.
 */
export class WorkerProcess implements PausableWorker {
  private readonly engines: Engines
  private readonly fail: (error: Error) => void
  private end: (() => Promise<void>) | undefined
  private pausing: { until: Date; timer: NodeJS.Timeout } | undefined

  /** @param fail is told where it ends by itself */
  constructor(engines: Engines, fail: (error: Error) => void) {
    this.engines = engines
    this.fail = fail
  }

  start(): void {
    this.end = startWorkerChild({ config, ...this.engines, onLine: () => {}, onEnd: this.fail })
  }

  pausedUntil(): Date | undefined {
    return this.pausing?.until
  }

  async pause(milliseconds: number): Promise<void> {
    if (this.pausing) return
    const resume = () => {
      this.pausing = undefined
      this.start()
    }
    this.pausing = { until: new Date(Date.now() + milliseconds), timer: setTimeout(resume, milliseconds) }
    await this.end?.()
  }

  async close(): Promise<void> {
    clearTimeout(this.pausing?.timer)
    await this.end?.()
  }
}
