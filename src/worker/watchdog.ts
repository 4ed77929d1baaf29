import { Worker } from 'node:worker_threads'

/** A watchdog that watches this process. */
export interface Watchdog {
  /** Ends the watch. */
  close(): Promise<void>
}

// The wait is cut into parts, so that a process which was suspended as a whole (a closed laptop, SIGSTOP) is given the
// time to beat again: a suspension counts as one part.
const parts = 8

const thread = `
  const { workerData } = require('node:worker_threads')
  const { writeSync } = require('node:fs')
  const { heartbeat, limit, parts, jsonLines } = workerData
  let missed = 0
  let last = Atomics.load(heartbeat, 0)
  for (;;) {
    const outcome = Atomics.wait(heartbeat, 0, last, limit / parts)
    const now = Atomics.load(heartbeat, 0)
    if (now === -1) break
    missed = outcome === 'timed-out' && now === last ? missed + 1 : 0
    last = now
    if (missed < parts) continue
    const blocked = { at: new Date().toISOString(), level: 'error', kind: 'worker.blocked', ms: limit }
    if (jsonLines) writeSync(1, JSON.stringify(blocked) + '\\n')
    writeSync(2, 'trifold: the event loop has been blocked for ' + limit + ' ms, longer than the lease: a handler does ' +
      'not return. Trifold ends the process so that another worker can take over; the target continues at the same event ' +
      '[WATCHDOG]\\n')
    process.kill(process.pid, 'SIGKILL')
  }`

/** What the watchdog prints. */
export interface WatchdogOptions {
  /** Writes the observation `worker.blocked` as a line of JSON to stdout as well; default false. */
  jsonLines?: boolean
}

/**
 * Ends this process if its event loop is blocked for longer than `limit` milliseconds, from a separate thread: a
 * blocked consumer cannot renew its lease, and must not wake up later and go on. It says so on stderr first.
 */
export function startWatchdog(limit: number, { jsonLines = false }: WatchdogOptions = {}): Watchdog {
  const heartbeat = new Int32Array(new SharedArrayBuffer(4))
  const watching = new Worker(thread, { eval: true, workerData: { heartbeat, limit, parts, jsonLines } })
  watching.unref()
  const beat = setInterval(() => {
    Atomics.add(heartbeat, 0, 1)
    Atomics.notify(heartbeat, 0)
  }, limit / parts)
  beat.unref()
  return {
    async close() {
      clearInterval(beat)
      Atomics.store(heartbeat, 0, -1)
      Atomics.notify(heartbeat, 0)
      await watching.terminate()
    },
  }
}
