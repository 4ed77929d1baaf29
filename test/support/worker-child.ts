import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Observation } from 'trifold'
import type { MarketAddress } from './market.ts'
import { Observed } from './observed.ts'
import type { ShopReadModel } from './shop-config.ts'
import { jiti } from './source-program.ts'
import { until } from './until.ts'

export interface WorkerChildOptions extends MarketAddress {
  pageSize?: number
  /** Whether the handlers of the market refuse some events. */
  failing?: boolean
  /** The read models of the shop that it keeps instead of those of the market. */
  shop?: readonly ShopReadModel[]
  /** `TRIFOLD_FAULT` */
  fault?: string
  /** `TRIFOLD_LEASE_MS`; default 1,500. */
  leaseMilliseconds?: number
}

const marketProgram = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

/** A worker of the market, or of the shop, in its own process. */
export class WorkerChild {
  /** Everything that it has printed: what its fault points say. */
  printed = ''
  readonly observed = new Observed()
  private readonly child: ChildProcess
  private readonly exit: Promise<unknown>
  private memoryTold: ((memory: NodeJS.MemoryUsage) => void) | undefined

  /** Loads the program, by default that of the market; {@link start} starts the worker in it. */
  constructor(options: WorkerChildOptions, program = marketProgram) {
    const { fault = '', leaseMilliseconds = 1_500, ...address } = options
    const args = ['--expose-gc', jiti, program, JSON.stringify(address)]
    this.child = spawn(process.execPath, args, {
      env: { ...process.env, TRIFOLD_FAULT: fault, TRIFOLD_LEASE_MS: String(leaseMilliseconds) },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    })
    this.child.on('message', (message: Observation | { memory: NodeJS.MemoryUsage }) => {
      if ('memory' in message) this.memoryTold?.(message.memory)
      else this.observed.observe(message)
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (data) => {
        this.printed += data
      })
    }
    this.child.stdin?.on('error', () => {}) // it may be gone already
    this.exit = once(this.child, 'exit')
  }

  start(): void {
    this.child.stdin?.write('go\n')
  }

  get signal(): NodeJS.Signals | null {
    return this.child.signalCode
  }

  get pid(): number {
    return this.child.pid as number
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** For the message of a test that fails. */
  told(): string {
    return `${this.observed.text()}\n${this.printed}`
  }

  /** Waits until it has printed `text`. */
  async prints(text: string): Promise<void> {
    await until(`the worker prints "${text}"`, () => this.printed.includes(text)).catch((error) => {
      throw new Error(`${error.message}; it said:\n${this.told()}`)
    })
  }

  /** Waits until it has ended. */
  async ended(): Promise<void> {
    await until('the worker ends', () => !this.running).catch((error) => {
      throw new Error(`${error.message}; it said:\n${this.told()}`)
    })
  }

  /** What it needs in bytes after a garbage collection, if its program tells that. */
  memory(): Promise<NodeJS.MemoryUsage> {
    return new Promise((resolve) => {
      this.memoryTold = resolve
      this.child.send('memory')
    })
  }

  /** Sets its clock by some milliseconds, if its program does that; one that has ended has none. */
  setClock(milliseconds: number): void {
    this.child.send({ clock: milliseconds }, () => {})
  }

  freeze(): void {
    this.child.kill('SIGSTOP')
  }

  resume(): void {
    this.child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (!this.running) return
    this.child.kill('SIGKILL')
    await this.exit
  }

  /** Asks it to stop in order, a frozen one as well. */
  async stop(): Promise<void> {
    if (!this.running) return
    this.child.kill('SIGTERM')
    this.child.kill('SIGCONT')
    await this.ended()
  }
}
