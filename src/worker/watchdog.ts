/** A watchdog that watches this process. */
export interface Watchdog {
  /** Ends the watch. */
  close(): Promise<void>
}

/** What the watchdog prints. */
export interface WatchdogOptions {
  /** Writes the observations `worker.blocked` and `target.stopped` as lines of JSON to stdout as well; default false. */
  jsonLines?: boolean
}

/** Beats in the time after which a process counts as blocked. */
const beats = 8

/**
 * Ends this process if its event loop is blocked for longer than `limit` milliseconds, from a separate thread: a
 * blocked consumer cannot renew its lease, and must not wake up later and go on. It says so on stderr first, and if the
 * handler of one event did not return in all that time, its target stops at that event: `status` names it.
 */
export function startWatchdog(limit: number, { jsonLines = false }: WatchdogOptions = {}): Watchdog {
  const watching = watch(limit, jsonLines)
  return {
    async close() {
      await (await watching)()
    },
  }
}

/** Loaded when it is used: applications have this module among their exports. */
async function watch(limit: number, jsonLines: boolean): Promise<() => Promise<void>> {
  const { useThread } = await import('./watchdog-thread.ts')
  const thread = useThread()
  thread.send({ watch: { limit, beats, jsonLines } })
  const beat = setInterval(() => Atomics.add(thread.signals, 0, 1), limit / beats)
  beat.unref()
  return async () => {
    clearInterval(beat)
    thread.send({ watch: undefined })
    await thread.leave()
  }
}
