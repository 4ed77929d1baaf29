import type { DemoOptions } from '../../../src/cli/commands/demo.ts'
import type { Console } from '../../../src/cli/console.ts'
import type * as Kit from '../../../src/cli/demo-kit.ts'

export type { Console, DemoOptions }
export type DemoKit = typeof Kit

/** What every part of a run of the demo has at hand. */
export interface Run<Options = DemoOptions> {
  kit: DemoKit
  options: Options
  console: Console
  /** Aborts with Ctrl-C or an error: what is under way is given up, and everything is cleared away. */
  signal: AbortSignal
  /** A line for people; nothing where the result is wanted as JSON. */
  say(line: string): void
  /** Ends the run with an error, from wherever it is. */
  fail(error: Error): void
  /** Called in reverse order at the end, however the run ends. */
  atEnd(release: Release): void
  /** Aborts after `milliseconds`, or without them at the first Ctrl-C, which then ends the load and not the run. */
  whileLoading(milliseconds: number | undefined): AbortSignal
}

type Release = () => Promise<unknown>

const interruptedCode = 130

/** Runs `work`, and afterwards whatever `atEnd` was given. Ctrl-C ends it early, with exit code 130. */
export async function withRun<Options extends object>(
  kit: DemoKit,
  console: Console,
  options: Options,
  work: (run: Run<Options>) => Promise<void>,
): Promise<void> {
  const stopping = kit.onStop()
  const abort = new AbortController()
  const releases = createReleases()
  const { json } = options as { json?: boolean }
  const say = (line: string) => void (json || console.stdout.write(`${line}\n`))
  const loading = createLoading(stopping.asked, abort)
  const fail = (error: Error) => abort.abort(error)
  const whileLoading = loading.begin
  const run: Run<Options> = {
    kit,
    options,
    console,
    signal: abort.signal,
    say,
    fail,
    atEnd: releases.add,
    whileLoading,
  }
  try {
    await Promise.race([work(run), aborted(abort.signal)])
  } catch (error) {
    if (!loading.interrupted()) throw error
    console.exitCode = interruptedCode
  } finally {
    await releases.run()
    stopping.forget()
  }
  if (loading.interrupted()) say('\nInterrupted; everything that was started has ended.')
}

/** What Ctrl-C means: the end of a load that goes on until then, else the end of the run. */
function createLoading(asked: Promise<string>, abort: AbortController) {
  const load = new AbortController()
  let endless = false
  let interrupted = false
  asked.then(() => {
    if (endless) return load.abort()
    interrupted = true
    abort.abort(new Error('interrupted'))
  })
  const begin = (milliseconds: number | undefined): AbortSignal => {
    endless = milliseconds === undefined
    if (milliseconds !== undefined) setTimeout(() => load.abort(), milliseconds).unref()
    return AbortSignal.any([abort.signal, load.signal])
  }
  return { begin, interrupted: () => interrupted }
}

/** What is opened after the end (a step that was given up went on a little further) is released at once. */
function createReleases() {
  const releases: Release[] = []
  let ended = false
  return {
    add(release: Release): void {
      if (ended) release().catch(() => {})
      else releases.unshift(release)
    },
    async run(): Promise<void> {
      ended = true
      for (const release of releases) await release().catch(() => {}) // the rest must go as well
    },
  }
}

/** What is under way may wait for long: the end does not wait for it, it closes what it waits on. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
