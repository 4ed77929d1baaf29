import { setTimeout as wait } from 'node:timers/promises'
import { TrifoldError } from 'trifold/internal/errors'
import { lastLines } from './log-tail.ts'
import type { KeptProcess } from './supervisor.ts'

/** What is waited for, and what to say when it does not come. */
export interface Readiness<T> {
  /** The engine's name, for messages. */
  name: string
  process: KeptProcess
  logFile: string
  /** Returns the awaited value, or `undefined` while it is not there. */
  probe: () => Promise<T | undefined>
  everyMs: number
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/**
 * Waits until the engine is ready. Throws `STACK_FAILED` with the end of the engine's log when the process ends first or
 * the time runs out.
 */
export async function untilReady<T>(readiness: Readiness<T>): Promise<T> {
  const deadline = performance.now() + readiness.timeoutMs
  for (;;) {
    readiness.signal?.throwIfAborted()
    const value = await readiness.probe()
    if (value !== undefined) return value
    if (readiness.process.exit !== undefined) throw await startFailure(readiness, 'ended during its start')
    if (performance.now() > deadline)
      throw await startFailure(readiness, `was not ready after ${readiness.timeoutMs / 1000} s`)
    await wait(readiness.everyMs, undefined, { signal: readiness.signal })
  }
}

async function startFailure(readiness: Readiness<unknown>, what: string): Promise<TrifoldError> {
  const log = await lastLines(readiness.logFile, 20)
  return new TrifoldError('STACK_FAILED', `Stack: ${readiness.name} ${what}. The end of its log:\n${log}`, {
    details: { log },
  })
}
