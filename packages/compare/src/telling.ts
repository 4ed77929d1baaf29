import { clock } from './clock.ts'
import type { LoadLimits } from './limits.ts'
import type { CompareProgress } from './progress.ts'
import type { Watcher } from './watch.ts'

const every = 500

/** Tells how far the load is, and then which targets do not show its last transaction yet. */
export class Telling {
  committed = 0
  private readonly progress: CompareProgress
  private readonly limits: LoadLimits
  private readonly watchers: readonly Watcher[]
  private timer: NodeJS.Timeout | undefined
  private since = 0
  private waiting = false

  constructor(progress: CompareProgress, limits: LoadLimits, watchers: readonly Watcher[]) {
    this.progress = progress
    this.limits = limits
    this.watchers = watchers
  }

  begin(since: number): void {
    this.since = since
    this.timer = setInterval(() => this.tell(), every)
  }

  end(): void {
    clearInterval(this.timer)
  }

  private tell(): void {
    const seconds = (clock() - this.since) / 1_000
    if (seconds > this.limits.seconds + 1 && !this.waiting) {
      this.waiting = true
      this.progress.phase?.('waiting until every target shows the last transaction')
    }
    const behind = this.watchers
      .filter(({ waiting }) => waiting > 0)
      .map(({ name, waiting }) => `${name} ${waiting} transactions behind`)
    const load = `${Math.min(seconds, this.limits.seconds).toFixed(0)} of ${this.limits.seconds} s, ${this.committed} transactions`
    this.progress.update?.([...(this.waiting ? [] : [load]), ...behind].join(', '))
  }
}
