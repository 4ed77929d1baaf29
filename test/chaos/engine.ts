import { setTimeout as wait } from 'node:timers/promises'
import type { KeptProcess } from '../../packages/stack/src/supervisor.ts'

/** An engine that runs: its address, and its process. */
export interface Started {
  url: string
  process: KeptProcess
}

/** Starts an engine; with a port it is there again, with the data that it had. */
export type Start = (port?: number) => Promise<Started>

/** An engine that is ended, frozen and started again, always at one address. */
export class ChaosEngine {
  readonly name: string
  readonly url: string
  private readonly start: Start
  private running: Started

  private constructor(name: string, start: Start, running: Started) {
    this.name = name
    this.url = running.url
    this.start = start
    this.running = running
  }

  static async start(name: string, start: Start): Promise<ChaosEngine> {
    return new ChaosEngine(name, start, await start())
  }

  get pid(): number {
    return this.running.process.pid
  }

  get runs(): boolean {
    return this.running.process.exit === undefined
  }

  /** Ends it by a signal, leaves it away for some milliseconds, and starts it again. */
  restart(signal: NodeJS.Signals, away: number): Promise<void> {
    return this.ended(signal, () => wait(away))
  }

  /** Ends it by a signal, does something while it is away, and starts it again. */
  async ended(signal: NodeJS.Signals, work: () => Promise<unknown>): Promise<void> {
    if (this.runs) process.kill(this.pid, signal)
    await this.running.process.wait()
    await work()
    await this.revive()
  }

  /** Ends it in its own way. */
  end(): Promise<void> {
    return this.running.process.end()
  }

  async freeze(milliseconds: number): Promise<void> {
    process.kill(this.pid, 'SIGSTOP')
    try {
      await wait(milliseconds)
    } finally {
      process.kill(this.pid, 'SIGCONT')
    }
  }

  /** Starts it if it does not run. What its last process left (a port, shared memory) may be there for a moment. */
  async revive(): Promise<void> {
    const port = Number(new URL(this.url).port)
    for (let attempt = 1; !this.runs; attempt += 1) {
      try {
        this.running = await this.start(port)
      } catch (error) {
        if (attempt === 10) throw error
        await wait(500)
      }
    }
  }
}
