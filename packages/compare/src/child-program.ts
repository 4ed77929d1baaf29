import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { withinTime } from 'trifold/internal/operator/within-time'
import { failed } from './failure.ts'

/** Longest wait for an answer, in milliseconds. */
const patience = 30_000
/** It finishes what is under way first. */
const endsWithin = 60_000

/** A program of this room in its own process. It ends in order when its parent lets go of it, or dies. */
export class ChildProgram {
  /** Rejects if it ends by itself. */
  readonly gone: Promise<never>
  private readonly what: string
  private readonly child: ChildProcess
  private printed = ''
  /** Aborts what is asked when it is closed: it may end without an answer. */
  private readonly closing = new AbortController()
  private closed: Promise<void> | undefined

  /**
   * @param name of the module in this folder, without its ending
   * @param args JSON that the program finds in `process.argv[2]`
   * @param what it is, for messages: `the worker of order_summary@table`
   */
  constructor(name: string, args: object, what: string) {
    this.what = what
    this.child = forkModule(name, JSON.stringify(args))
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.printed = `${this.printed}${chunk}`.slice(-10_000)
      })
    }
    this.gone = once(this.child, 'close').then(([code]) => {
      throw failed(`${what} ended by itself (code ${code}): ${this.said()}`)
    })
    this.gone.catch(() => {}) // rejects for those who wait; nobody waits after its close
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Calls `hear` with every message from now on. */
  listen(hear: (message: unknown) => void): void {
    this.child.on('message', hear)
  }

  send(message: object | string): void {
    if (this.child.connected) this.child.send(message)
  }

  /** Sends a message, or nothing, and gives the next one that comes. @throws COMPARE_FAILED if it ends instead, AbortError if it is closed */
  async ask<Answer>(message?: object | string): Promise<Answer> {
    this.closing.signal.throwIfAborted()
    if (!this.child.connected) return this.gone
    const done = new AbortController()
    const signal = AbortSignal.any([done.signal, this.closing.signal])
    const answer = once(this.child, 'message', { signal }).then(([value]) => value as Answer)
    if (message !== undefined) this.send(message)
    try {
      return await withinTime(Promise.race([answer, this.gone]), patience, `compare: ${this.what}`)
    } finally {
      done.abort()
      answer.catch(() => {})
    }
  }

  /** Ends it in order. @throws COMPARE_FAILED with what it printed, if that fails */
  close(): Promise<void> {
    this.closed ??= this.end()
    return this.closed
  }

  private async end(): Promise<void> {
    const { child, what } = this
    this.closing.abort()
    if (!this.running) return
    const exit = once(child, 'exit') // 'close' does not come after a disconnect
    if (child.connected) child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), endsWithin)
    const [code, signal] = await exit
    clearTimeout(late)
    if (code === 0) return
    if (child.killed) throw failed(`${what} had to be killed: it did not end within ${endsWithin / 1_000} s`)
    if (child.stderr) await finished(child.stderr)
    throw failed(`${what} did not end in order (${signal ?? `code ${code}`}): ${this.said()}`)
  }

  private said(): string {
    return this.printed.trim() || 'it printed nothing'
  }
}

function forkModule(name: string, args: string): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(`./${name}${isSource ? '.ts' : '.js'}`, import.meta.url))
  const options = { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] as ['ignore', 'pipe', 'pipe', 'ipc'] }
  // Run from TypeScript sources, Node below 22.18 needs a loader.
  return isSource ? fork(jitiCommand(), [program, args], options) : fork(program, [args], options)
}

const jitiCommand = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')
