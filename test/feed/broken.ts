import { setTimeout as pause } from 'node:timers/promises'

const closed = /connection terminated|not queryable|ECONNRESET|EPIPE/i

/** Whether an error only says that the connection was ended, as the tests do to it. */
export function isBroken(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return code === '57P01' || closed.test(`${code} ${message}`)
}

/** Something with connections that is opened again after they were ended. */
export class Reopened<T extends { close(): Promise<void> }> {
  private readonly open: () => Promise<T>
  private current: Promise<T>

  constructor(open: () => Promise<T>) {
    this.open = open
    this.current = open()
  }

  /** Runs `work`; undefined where the connection broke. @throws every other error */
  async attempt<R>(work: (one: T) => Promise<R>): Promise<R | undefined> {
    const current = this.current
    try {
      return await work(await current)
    } catch (error) {
      if (!isBroken(error)) throw error
      if (this.current === current) this.current = this.replace(current)
      await pause(1)
      return undefined
    }
  }

  async close(): Promise<void> {
    const one = await this.current.catch(() => undefined)
    await one?.close().catch(() => {})
  }

  private async replace(broken: Promise<T>): Promise<T> {
    const one = await broken.catch(() => undefined)
    await one?.close().catch(() => {})
    return this.open()
  }
}
