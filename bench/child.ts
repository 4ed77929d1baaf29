import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of its own, that answers each message with one. */
export interface Child {
  pid: number
  /** Sends a message and waits for the answer. @throws where the process ends instead */
  ask<Answer>(message: unknown): Promise<Answer>
  close(): Promise<void>
}

/** Starts a module that calls {@link answerParent}. */
export function startChild(module: URL, args: object): Child {
  const child = fork(module, [JSON.stringify(args)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    pid: child.pid as number,
    async ask<Answer>(message: unknown): Promise<Answer> {
      child.send(message as object)
      return (await answerOf(child)) as Answer
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with exit code ${code}`)
  })
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [unknown]
    return answer
  } finally {
    ended.abort()
    exit.catch(() => {})
  }
}

/** In the child: the arguments that it was started with. */
export const childArguments = <Args>(): Args => JSON.parse(process.argv[2] as string)

/** In the child: answers every message in turn; `close` runs when the parent lets go. */
export function answerParent(answer: (message: never) => Promise<unknown>, close: () => Promise<void>): void {
  let turn: Promise<unknown> = Promise.resolve()
  process.on('message', (message) => {
    turn = turn.then(async () => process.send?.((await answer(message as never)) ?? {}))
  })
  process.on('disconnect', () => {
    void turn.then(close).finally(() => process.exit())
  })
}
