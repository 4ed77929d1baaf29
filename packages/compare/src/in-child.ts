import { TrifoldError } from 'trifold/internal/errors'

/**
 * The life of a child program: `work` is given a signal that aborts when the parent lets go. A Ctrl-C reaches the parent
 * too, which ends this process in its turn.
 */
export async function inChild<Args>(work: (args: Args, signal: AbortSignal) => Promise<void>): Promise<never> {
  const stopping = new AbortController()
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  process.on('disconnect', () => stopping.abort())
  try {
    await work(JSON.parse(process.argv[2] as string) as Args, stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted && (error as Error).name === 'AbortError') process.exit(0)
    process.stderr.write(`${messageOf(error)}\n`)
    process.exit(1)
  }
  process.exit(0)
}

/** A stack only if the error is unexpected. */
const messageOf = (error: unknown): string =>
  error instanceof TrifoldError ? `${error.message} [${error.code}]` : String((error as Error)?.stack ?? error)

/**
 * Says something to the parent, if it still listens. Where it lets go at this moment the write fails: without a callback
 * that would end this process before its work is in order.
 */
export function tellParent(message: object | string): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
