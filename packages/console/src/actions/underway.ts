import { type AuditedAction, audited } from 'trifold/internal/operator/audit'
import { pause } from 'trifold/internal/pause'
import type { Toolkit } from 'trifold/internal/toolkit'

/** How long a page waits for what it began, in milliseconds. What takes longer is seen among the last actions. */
const patience = 1_500

/** The actions that this server is carrying out. */
export class Underway {
  private readonly toolkit: Toolkit
  private readonly running = new Set<Promise<unknown>>()
  private readonly closing = new AbortController()

  constructor(toolkit: Toolkit) {
    this.toolkit = toolkit
  }

  /**
   * Begins an action, and waits a little for its end.
   *
   * @param onError is called if its end could not be written after that
   * @throws what keeps it from being written before it begins, or at its end
   */
  async begin(
    action: AuditedAction,
    work: (signal: AbortSignal) => Promise<string>,
    onError: (error: unknown) => void,
  ): Promise<void> {
    const { signal } = this.closing
    const running = audited(this.toolkit, action, () => work(signal)).then(() => {})
    this.running.add(running)
    const forget = () => this.running.delete(running)
    running.then(forget, forget)
    const waiting = new AbortController()
    const isEnded = await Promise.race([running.then(() => true), pause(patience, waiting.signal).then(() => false)])
    waiting.abort()
    if (!isEnded) running.catch(onError)
  }

  /** Has what runs end, and waits until it is written. */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.allSettled(this.running)
  }
}
