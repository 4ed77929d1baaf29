import { fileURLToPath } from 'node:url'
import { startToolkitChild, type ToolkitChild } from '../toolkit-child.ts'
import type { PausableWorker } from './context.ts'
import type { Engines } from './engines.ts'

const config = fileURLToPath(new URL('./trifold.config.ts', import.meta.url))

/** A worker that ends by itself so soon would do so again. */
const shortestLife = 10_000

interface WorkerEvents {
  say(line: string): void
  /** It cannot be kept running. */
  fail(error: Error): void
}

/**
 * The worker in a process of its own, replaced where it ends by itself (as it does where the machine was asleep). A pause
 * is what a deployment is to it: it ends in order, and a new one goes on where it was.
 */
export class WorkerProcess implements PausableWorker {
  private readonly engines: Engines
  private readonly told: WorkerEvents
  private child: ToolkitChild | undefined
  private wasKilled = false
  private pausing: { until: Date; timer: NodeJS.Timeout } | undefined

  constructor(engines: Engines, told: WorkerEvents) {
    this.engines = engines
    this.told = told
  }

  start(): void {
    const startedAt = performance.now()
    const onEnd = (error: Error) => {
      if (!this.wasKilled && performance.now() - startedAt < shortestLife) return this.told.fail(error)
      this.wasKilled = false
      this.told.say(`${error.message}\nStarting another.`)
      this.start()
    }
    this.child = startToolkitChild(['worker'], { config, ...this.engines, onEnd })
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
    await this.child?.end()
  }

  kill(): void {
    if (this.pausing) return
    this.wasKilled = true
    this.child?.kill()
  }

  async close(): Promise<void> {
    clearTimeout(this.pausing?.timer)
    await this.child?.end()
  }
}
