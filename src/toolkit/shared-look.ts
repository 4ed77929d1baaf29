import { setTimeout as rest } from 'node:timers/promises'

/** How long a look is waited for before another one is sent beside it, in milliseconds: its connection may be broken. */
const patience = 50

/**
 * Looks once for all who ask at the same time. While a look is under way, those who come share the next one, so what each
 * gets was looked up after it had asked, as if it had looked by itself.
 */
export class SharedLook<Seen> {
  private readonly look: () => Promise<Seen>
  private running: Promise<Seen> | undefined
  private next: Promise<Seen> | undefined

  constructor(look: () => Promise<Seen>) {
    this.look = look
  }

  /** @throws what the look threw */
  read(): Promise<Seen> {
    if (!this.running) return this.begin()
    this.next ??= this.after(this.running)
    return this.next
  }

  private async after(running: Promise<Seen>): Promise<Seen> {
    const waiting = new AbortController()
    const ended = running.catch(() => {}) // it is thrown to those who share it
    await Promise.race([ended, rest(patience, undefined, { signal: waiting.signal }).catch(() => {})])
    waiting.abort()
    this.next = undefined
    return this.begin()
  }

  private begin(): Promise<Seen> {
    const looking = this.look()
    this.running = looking
    const end = () => {
      if (this.running === looking) this.running = undefined
    }
    looking.then(end, end)
    return looking
  }
}
