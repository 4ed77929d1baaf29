import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { withinTime } from '../../operator/within-time.ts'
import { failed } from '../failure.ts'
import type { WorkerArguments, WorkerUsage } from './protocol.ts'

const program = fileURLToPath(
  new URL(`./worker-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
)

/** Longest wait for its start and for each answer, in milliseconds. */
const patience = 30_000
/** It finishes the page or refresh under way first. */
const endsWithin = 60_000

/** A worker of a comparison in a process of its own. */
export class WorkerChild {
  readonly target: string
  /** Rejects where it ends by itself. */
  readonly gone: Promise<never>
  private readonly child: ChildProcess
  private printed = ''
  private closed: Promise<void> | undefined

  private constructor(target: string, child: ChildProcess) {
    this.target = target
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.printed = `${this.printed}${chunk}`.slice(-10_000)
      })
    }
    this.gone = once(child, 'close').then(([code]) => {
      throw failed(`the worker of ${target} ended by itself (code ${code}): ${this.printed.trim() || 'no message'}`)
    })
    this.gone.catch(() => {}) // whoever waits for it is told; nobody waits after its close
  }

  /** @throws COMPARE_FAILED with what it printed, where it does not start */
  static async start(args: WorkerArguments): Promise<WorkerChild> {
    const child = fork(program, [JSON.stringify(args)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Run from TypeScript sources, Node below 22.18 needs a loader.
      execArgv: program.endsWith('.ts') ? ['--import', import.meta.resolve('jiti/register')] : [],
    })
    const worker = new WorkerChild(`${args.readModel}@${args.kind}`, child)
    try {
      await worker.answer()
      return worker
    } catch (error) {
      await worker.close()
      throw error
    }
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** What it has used so far. @throws COMPARE_FAILED where it has ended by itself */
  async usage(): Promise<WorkerUsage> {
    if (!this.child.connected) return this.gone
    this.child.send('usage')
    return (await this.answer()) as WorkerUsage
  }

  /** Ends it in order. */
  close(): Promise<void> {
    this.closed ??= this.end()
    return this.closed
  }

  private async answer(): Promise<unknown> {
    const done = new AbortController()
    const message = once(this.child, 'message', { signal: done.signal }).then(([answer]) => answer)
    try {
      return await withinTime(Promise.race([message, this.gone]), patience, `compare: the worker of ${this.target}`)
    } finally {
      done.abort()
      message.catch(() => {})
    }
  }

  private async end(): Promise<void> {
    const { child } = this
    if (!this.running) return
    const exit = once(child, 'exit')
    if (child.connected) child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), endsWithin)
    await exit
    clearTimeout(late)
  }
}
