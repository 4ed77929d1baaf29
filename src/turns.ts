/** Lets so many go on at a time, in the order in which they ask. */
export class Turns {
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(most: number) {
    this.free = most
  }

  /** Waits for a turn. @returns ends it; once is enough */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free -= 1
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    let has = true
    return () => {
      if (has) this.pass()
      has = false
    }
  }

  /** Runs `work` in a turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const end = await this.take()
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** A turn that ends is the next one's: nobody who asks meanwhile comes between. */
  private pass(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.free += 1
  }
}
