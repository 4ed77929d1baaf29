import { type Handled, noteCause } from '../consumer/handled-event.ts'
import { sessionStart } from '../database.ts'
import { useThread } from './watchdog-thread.ts'

/** Milliseconds that the end of the process waits for its record. */
const patience = 6_000

/**
 * Records what handlers do to this process before it ends: their target stops at the event. An error that is thrown late,
 * a promise that is left rejected and an exit are noticed here; a handler that blocks is noticed by the watchdog, and what
 * leaves no time to notice (SIGKILL, out of memory) by the next worker.
 */
export function recordEnds(databaseUrl: string): { close(): Promise<void> } {
  const thread = useThread()
  const name = `${databaseUrl} ${performance.now()}`
  const { types: _types, ...config } = sessionStart(databaseUrl, { name: 'watchdog' })
  thread.send({ session: { name, config } })
  const told = new WeakSet<Handled>()
  const tell = (did: string) => {
    const handled = noteCause()
    if (!handled || told.has(handled)) return
    told.add(handled)
    const before = Atomics.load(thread.signals, 1)
    thread.send({ ended: did })
    Atomics.wait(thread.signals, 1, before, patience)
  }
  const thrown = (error: Error, origin: NodeJS.UncaughtExceptionOrigin) =>
    tell(`${origin === 'unhandledRejection' ? 'left a promise rejected' : 'threw an error late'} (${messageOf(error)})`)
  const exit = (code: number) => tell(`ended the process (exit code ${code})`)
  process.on('uncaughtExceptionMonitor', thrown).on('exit', exit)
  return {
    async close() {
      process.off('uncaughtExceptionMonitor', thrown).off('exit', exit)
      thread.send({ leave: { name } })
      await thread.leave()
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
