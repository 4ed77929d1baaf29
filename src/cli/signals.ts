export interface Stopping {
  /** Resolves with the name of the first signal, `disconnect` if the parent process has gone, or what happened to the output. */
  asked: Promise<string>
  forget(): void
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const

/** Waits for SIGINT, SIGTERM, or the end of what reads the output. The first one asks for an orderly end; a second one ends the process at once. */
export function onStop(): Stopping {
  let ask: (reason: string) => void = () => {}
  let askedAt: number | undefined
  const asked = new Promise<string>((resolve) => {
    ask = resolve
  })
  const act = (signal: keyof typeof codes) => {
    if (askedAt !== undefined && Date.now() - askedAt > sameKeyPress) process.exit(codes[signal])
    askedAt ??= Date.now()
    ask(signal)
  }
  const gone = () => ask('disconnect')
  const unread = () => ask('nobody reads the log')
  process.on('SIGINT', act).on('SIGTERM', act).on('disconnect', gone)
  process.stdout.on('error', unread)
  return {
    asked,
    forget() {
      process.off('SIGINT', act).off('SIGTERM', act).off('disconnect', gone)
      process.stdout.off('error', unread)
    },
  }
}

/** npm passes a Ctrl-C on to a process that has got it from the terminal already: both come within milliseconds. */
const sameKeyPress = 100
