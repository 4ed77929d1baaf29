import type { EventFed } from '../materializer.ts'
import { rebuildTarget } from '../rebuild.ts'
import type { Generation } from '../schema/generations.ts'
import { readSuspectKeys } from '../schema/suspect-keys.ts'
import type { Turns } from '../turns.ts'

/** Milliseconds from a rebuild that failed to the next. */
const pauseAfterFailure = 60_000

/** Milliseconds between two looks at what the storage keeps beside its rows. */
const lookForExcessEvery = 600_000

type RebuildOptions = NonNullable<Parameters<typeof rebuildTarget>[2]>

/**
 * Rebuilds a target beside the generation that serves, while its consumer goes on: if nobody knows which keys a parked event
 * has changed (one rebuild is for all such events before it), or if the storage keeps too much beside its rows.
 */
export class BackgroundRebuild {
  private readonly materializer: EventFed
  private readonly options: RebuildOptions
  private readonly building: Turns | undefined
  private running: Promise<void> | undefined
  private notBefore = 0
  private noExcessBefore = 0

  /** @param building who may rebuild, of several consumers */
  constructor(materializer: EventFed, options: RebuildOptions, building?: Turns) {
    this.materializer = materializer
    this.options = options
    this.building = building
  }

  /** Starts one if it is needed and none runs. */
  async startIfNeeded(generation: Generation): Promise<void> {
    if (this.running || performance.now() < this.notBefore) return
    if (!(await this.reasonFor(generation)) || this.running) return
    this.running = this.inTurn(generation)
      .catch(() => {
        this.notBefore = performance.now() + pauseAfterFailure // it was observed
        this.noExcessBefore = performance.now() + lookForExcessEvery
      })
      .finally(() => {
        this.running = undefined
      })
  }

  /** Waits for the one that runs: it ends by itself when the signal aborts. */
  async settled(): Promise<void> {
    await this.running
  }

  private async inTurn(generation: Generation): Promise<void> {
    const rebuild = async () => {
      const reason = this.options.signal?.aborted ? undefined : await this.reasonFor(generation)
      if (reason) await rebuildTarget(this.materializer, reason, { ...this.options, evenIfFit: true })
    }
    await (this.building ? this.building.run(rebuild) : rebuild())
  }

  private async reasonFor(generation: Generation): Promise<string | undefined> {
    const { all } = await readSuspectKeys(this.materializer.context.pool, generation.id)
    return all ? 'the keys that a parked event may have changed are unknown' : this.excessOf(generation)
  }

  private async excessOf(generation: Generation): Promise<string | undefined> {
    if (performance.now() < this.noExcessBefore) return undefined
    const excess = await this.materializer.excess?.(generation)
    if (excess === undefined) this.noExcessBefore = performance.now() + lookForExcessEvery
    return excess
  }
}
