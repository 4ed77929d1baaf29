import type pg from 'pg'
import type { EventFed } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { type NextBuild, rebuildTarget } from '../rebuild.ts'
import { readSuspectKeys } from '../schema/suspect-keys.ts'
import type { Turns } from '../turns.ts'
import { FeedCatchUp } from './catch-up.ts'
import type { Projector } from './projector.ts'

/** Milliseconds from a rebuild that failed to the next. */
const pauseAfterFailure = 60_000

interface Options {
  signal: AbortSignal
  observe?: Observe | undefined
  warmFor?: number | undefined
  verify?: NextBuild['verify']
  building?: Turns
  connect?: () => Promise<pg.Client>
}

/**
 * Rebuilds a target beside the generation that serves, while its consumer goes on, if nobody knows which keys a parked event
 * has changed. One rebuild is for all such events before it.
 */
export class BackgroundRebuild {
  private readonly materializer: EventFed
  private readonly projector: Projector
  private readonly options: Options
  private running: Promise<void> | undefined
  private notBefore = 0

  constructor(materializer: EventFed, projector: Projector, options: Options) {
    this.materializer = materializer
    this.projector = projector
    this.options = options
  }

  /** Starts one if it is needed and none runs. */
  async startIfNeeded(generationId: string): Promise<void> {
    if (this.running || performance.now() < this.notBefore) return
    if (!(await this.isNeeded(generationId)) || this.running) return
    this.running = this.inTurn(generationId)
      .catch(() => {
        this.notBefore = performance.now() + pauseAfterFailure // it was observed
      })
      .finally(() => {
        this.running = undefined
      })
  }

  /** Waits for the one that runs: it ends by itself when the signal aborts. */
  async settled(): Promise<void> {
    await this.running
  }

  private async isNeeded(generationId: string): Promise<boolean> {
    return (await readSuspectKeys(this.materializer.context.pool, generationId)).all
  }

  private async inTurn(generationId: string): Promise<void> {
    const { building, signal } = this.options
    const rebuild = async () => {
      if (!signal.aborted && (await this.isNeeded(generationId))) await this.rebuild()
    }
    await (building ? building.run(rebuild) : rebuild())
  }

  private async rebuild(): Promise<void> {
    const { materializer, projector } = this
    const { signal, observe, warmFor, verify, connect } = this.options
    await rebuildTarget(materializer, 'the keys that a parked event may have changed are unknown', {
      signal,
      observe,
      warmFor,
      verify,
      evenIfFit: true,
      catchUp: (next) => new FeedCatchUp(materializer, projector, next, { signal, connect }),
    })
  }
}
