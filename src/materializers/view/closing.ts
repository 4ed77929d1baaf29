/** Ends what is running in a target when it is closed, and waits for it. */
export class Closing {
  private readonly controller = new AbortController()
  private readonly running = new Set<Promise<unknown>>()

  /** The signal that ends work: the caller's, or that of the end. */
  signal(other?: AbortSignal): AbortSignal {
    return other ? AbortSignal.any([other, this.controller.signal]) : this.controller.signal
  }

  /** Runs work that {@link close} waits for. */
  track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work)
    return work.finally(() => this.running.delete(work))
  }

  async close(reason: string): Promise<void> {
    this.controller.abort(new Error(reason))
    await Promise.allSettled(this.running)
  }
}
