import type { DemoOptions } from '../../../src/cli/commands/demo.ts'
import type { Console } from '../../../src/cli/console.ts'
import type * as Kit from '../../../src/cli/demo-kit.ts'

export type { Console, DemoOptions }
export type DemoKit = typeof Kit

/** What every part of a run of the demo has at hand. */
export interface Run {
  kit: DemoKit
  options: DemoOptions
  console: Console
  /** Aborts with Ctrl-C or an error: what is under way is given up, and everything is cleared away. */
  signal: AbortSignal
  /** A line for people; nothing where the result is wanted as JSON. */
  say(line: string): void
  /** Ends the run with an error, from wherever it is. */
  fail(error: Error): void
  /** Called in reverse order at the end, however the run ends. */
  atEnd(release: () => Promise<unknown>): void
  /** Aborts after `milliseconds`, or without them at the first Ctrl-C, which then ends the load and not the run. */
  whileLoading(milliseconds: number | undefined): AbortSignal
}

const interrupted = 130

/** Runs `work`, and afterwards whatever `atEnd` was given. Ctrl-C ends it early, with exit code 130. */
export async function withRun(
  kit: DemoKit,
  console: Console,
  options: DemoOptions,
  work: (run: Run) => Promise<void>,
): Promise<void> {
  const stopping = kit.onStop()
  const abort = new AbortController()
  const loading = new AbortController()
  let watching = false
  let stopped = false
  let ended = false
  const releases: (() => Promise<unknown>)[] = []
  stopping.asked.then(() => {
    if (watching) return loading.abort()
    stopped = true
    abort.abort(new Error('interrupted'))
  })
  const run: Run = {
    kit,
    options,
    console,
    signal: abort.signal,
    say: (line) => void (options.json || console.stdout.write(`${line}\n`)),
    fail: (error) => abort.abort(error),
    atEnd: (release) => {
      if (ended)
        release().catch(() => {}) // what was given up went on a little further
      else releases.unshift(release)
    },
    whileLoading: (milliseconds) => {
      watching = milliseconds === undefined
      if (milliseconds !== undefined) setTimeout(() => loading.abort(), milliseconds).unref()
      return AbortSignal.any([abort.signal, loading.signal])
    },
  }
  try {
    await Promise.race([work(run), aborted(abort.signal)])
  } catch (error) {
    if (!stopped) throw error
    console.exitCode = interrupted
  } finally {
    ended = true
    for (const release of releases) await release().catch(() => {}) // the rest must go as well
    stopping.forget()
  }
  if (stopped) run.say('\nInterrupted; everything that was started has ended.')
}

/** What is under way may wait for long: the end does not wait for it, it closes what it waits on. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
