import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { atWork } from '../consumer/handled-event.ts'
import { endOwner, stopAtEvent } from '../schema/consumers.ts'

/** What the thread is asked for. */
export type Request =
  /** To end the process once it has not beaten for `limit` milliseconds, counted in so many beats; or no longer. */
  | { watch: { limit: number; beats: number; jsonLines: boolean } | undefined }
  /** To look in a database for the generations that are at work. */
  | { session: object }
  | { leave: object }
  /** To stop the target at the event that is at work; says what its handler did. */
  | { ended: string }

/** The one thread that watches this process. It goes on while the process is blocked, or about to end. */
export interface Thread {
  /** How often the process has beaten, and how many requests `ended` the thread has dealt with. */
  signals: Int32Array
  send(request: Request): void
  /** Ends the thread once nobody uses it. */
  leave(): Promise<void>
}

let running: { worker: Worker; signals: Int32Array; users: number } | undefined

/** The thread of this process; each caller leaves it once. */
export function useThread(): Thread {
  running ??= start()
  const used = running
  used.users += 1
  return {
    signals: used.signals,
    send: (request) => used.worker.postMessage(request),
    async leave() {
      used.users -= 1
      if (used.users > 0) return
      if (running === used) running = undefined
      await used.worker.terminate()
    },
  }
}

function start() {
  const signals = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  const driver = createRequire(import.meta.url).resolve('pg')
  const worker = new Worker(program, { eval: true, workerData: { signals, atWork, driver, endOwner, stopAtEvent } })
  worker.unref()
  worker.on('error', () => {}) // without it the process is not watched; it works all the same
  return { worker, signals, users: 0 }
}

// A process that was suspended as a whole (a closed laptop, SIGSTOP) is given the time to beat again: its timers stood
// still too, and the suspension counts as one beat.
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { writeSync } = require('node:fs')
  const { signals, atWork, driver, endOwner, stopAtEvent } = workerData
  const patience = 5000
  const sessions = new Map()
  let watch, timer, missed, last, first

  parentPort.on('message', (request) => {
    if ('watch' in request) begin(request.watch)
    if ('session' in request) sessions.set(request.session.name, request.session)
    if ('leave' in request) sessions.delete(request.leave.name)
    if ('ended' in request) {
      clearInterval(timer)
      stop('PROCESS_ENDED', request.ended).finally(() => {
        Atomics.add(signals, 1, 1)
        Atomics.notify(signals, 1)
        begin(watch)
      })
    }
  })

  function begin(next) {
    clearInterval(timer)
    watch = next
    missed = 0
    last = undefined
    if (watch) timer = setInterval(look, watch.limit / watch.beats)
  }

  function look() {
    const beat = Atomics.load(signals, 0)
    missed = beat === last ? missed + 1 : 0
    last = beat
    if (missed === 1) first = atWork[4]
    if (missed >= watch.beats) blocked(atWork[0] > 0 && atWork[4] === first)
  }

  async function blocked(byOneEvent) {
    clearInterval(timer)
    const ms = watch.limit
    if (watch.jsonLines) print({ kind: 'worker.blocked', ms })
    if (byOneEvent) await stop('HANDLER_BLOCKED', 'did not return within ' + ms + ' ms')
    say('the event loop has been blocked for ' + ms + ' ms, longer than the lease: a handler does not return. ' +
      'Trifold ends the process so that another worker can take over', 'WATCHDOG')
    process.kill(process.pid, 'SIGKILL')
  }

  async function stop(code, did) {
    const [generation, epoch, ordinal, position] = atWork
    const lease = [generation, epoch]
    const late = new Promise((_, reject) => setTimeout(reject, patience, new Error('PostgreSQL does not answer')))
    try {
      await Promise.race([late, stopIn([...sessions.values()], lease, [...lease, ordinal, position, code, did])])
    } catch (error) {
      say('a handler ' + did + ' at event ' + ordinal + ' (position ' + position + '), which could not be recorded: ' +
        error.message, code)
    }
  }

  async function stopIn(places, lease, values) {
    const { Client } = require(driver)
    for (const { config } of places) {
      const client = new Client(config)
      client.on('error', () => {})
      await client.connect()
      await client.query(endOwner, lease)
      const { rows } = await client.query(stopAtEvent, values)
      client.end().catch(() => {})
      if (rows[0]) return stopped(rows[0].failure)
    }
  }

  function stopped({ code, message, target, ...details }) {
    say(message, code)
    if (watch && watch.jsonLines) print({ kind: 'target.stopped', target, error: { code, message, details } })
  }

  const say = (message, code) => writeSync(2, 'trifold: ' + message + ' [' + code + ']\\n')
  const print = (seen) => writeSync(1, JSON.stringify({ at: new Date().toISOString(), level: 'error', ...seen }) + '\\n')`
