export interface Stopping {
  /** Resolves with the name of the first signal, `disconnect` if the parent process has gone, or what happened to the output. */
  asked: Promise<string>
  forget(): void
}

/** The exit codes of a process that a signal ends at once. */
export const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const
export type StopSignal = keyof typeof signalCodes

/** npm passes a Ctrl-C on to a process that has got it from the terminal already: the second one, within so many milliseconds, is an echo. */
const longestEcho = 1_000

/** Says of each signal whether it is a second request, and not the first one or an echo of it. */
export function secondRequests(): () => boolean {
  let first: number | undefined
  return () => {
    first ??= performance.now()
    return performance.now() - first > longestEcho
  }
}

/**
 * Waits for SIGINT, SIGTERM, or the end of what reads the output. The first one asks for an orderly end; a second one ends
 * the process at once.
 *
 * @param isKept the parent process sends the signals on as messages and ends this process at a second
 *   one. A terminal signals the whole group, so this process gets most of them twice, and cannot tell one from a second one.
 */
export function onStop({ isKept = false } = {}): Stopping {
  let ask: (reason: string) => void = () => {}
  const asked = new Promise<string>((resolve) => {
    ask = resolve
  })
  const isSecond = secondRequests()
  const act = (signal: StopSignal) => {
    if (!isKept && isSecond()) process.exit(signalCodes[signal])
    ask(signal)
  }
  const gone = () => ask('disconnect')
  const unread = () => ask('nobody reads the log')
  process.on('SIGINT', act).on('SIGTERM', act).on('disconnect', gone)
  if (isKept) process.on('message', ask)
  process.stdout.on('error', unread)
  return {
    asked,
    forget() {
      process.off('SIGINT', act).off('SIGTERM', act).off('disconnect', gone).off('message', ask)
      process.stdout.off('error', unread)
    },
  }
}
