import { fork } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { type Console, colorsOf } from '../console.ts'
import { type StopSignal, secondRequests, signalCodes } from '../signals.ts'
import { childMark } from './worker-child.ts'

const firstRetry = 100
const longestRetry = 5_000
/** A worker that ran for so long, in milliseconds, is restarted at once. */
const steady = 30_000

/**
 * Runs this command line in a separate process and starts that again whenever it ends by itself: one handler may end it,
 * and the other targets must go on. SIGINT and SIGTERM are passed on as messages, a second one kills the worker; if this
 * process is killed, the worker stops in order.
 *
 * @returns the exit code of the worker that came to its own end, or that of the second signal
 */
export async function keepWorker(console: Console): Promise<number> {
  const asked = new AbortController()
  let child: ReturnType<typeof start> | undefined
  let cut: number | undefined
  const isSecond = secondRequests()
  const passOn = (signal: StopSignal) => {
    asked.abort()
    if (!isSecond()) return child?.tell(signal)
    cut = signalCodes[signal]
    child?.process.kill('SIGKILL')
  }
  process.on('SIGINT', passOn).on('SIGTERM', passOn) // until this process has ended: a signal may come again
  for (let wait = firstRetry; ; wait = Math.min(wait * 2, longestRetry)) {
    const began = performance.now()
    child = start()
    const { code, signal, ended } = await child.done
    if (cut) return cut
    if (ended || asked.signal.aborted) return code ?? 128 + constants.signals[signal as NodeJS.Signals]
    if (performance.now() - began > steady) wait = firstRetry
    const { red } = colorsOf(console.stderr)
    const how = signal ?? `exit code ${code}`
    console.stderr.write(`${red('trifold:')} the worker ended by itself (${how}); it starts again in ${wait} ms\n`)
    await pause(wait, undefined, { signal: asked.signal }).catch(() => {})
    if (asked.signal.aborted) return 0
  }
}

interface Done {
  code: number | null
  signal: NodeJS.Signals | null
  /** Whether it came to its own end. */
  ended: boolean
}

function start() {
  const child = fork(process.argv[1] as string, process.argv.slice(2), { env: { ...process.env, [childMark]: '1' } })
  let ended = false
  child.on('message', () => {
    ended = true
  })
  const done: Promise<Done> = once(child, 'exit').then(([code, signal]) => ({ code, signal, ended }))
  /** A message waits for a process that has not begun to listen, and is lost with one that has ended. */
  const tell = (signal: StopSignal) => void child.send(signal, () => {})
  return { process: child, done, tell }
}
