import type pg from 'pg'
import { openClient } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { currentSnapshot, isCovered } from '../feed/snapshot.ts'
import { Feed, feedSettings } from '../feed.ts'
import type { Generation } from '../generation.ts'
import type { Materializer } from '../materializer.ts'
import type { Handling } from './handle.ts'
import { type Lease, releaseLease, takeLease } from './lease.ts'
import { largestPage, Pass } from './pass.ts'

/** So few events are left for the time in which the target stands still. */
const few = 1_000

/** Under a load that it cannot keep up with it would never get there. */
const mostRounds = 10

/** What the first event opens. */
interface Opened {
  client: pg.Client
  feed: Feed
  lease: Lease
  pass: Pass
}

/**
 * Applies to a generation that was filled, and that nobody reads yet, what has been committed since its fill. Nothing is
 * opened before the first event is wanted.
 */
export class CatchUp {
  private readonly materializer: Materializer
  private readonly handling: Handling
  private readonly generation: Generation
  private readonly signal: AbortSignal | undefined
  private opened: Opened | undefined

  constructor(materializer: Materializer, handling: Handling, generation: Generation, signal?: AbortSignal) {
    this.materializer = materializer
    this.handling = handling
    this.generation = generation
    this.signal = signal
  }

  /** Until little is left. @throws HANDLER_FAILED, and what the materializer throws */
  async nearly(): Promise<void> {
    for (let round = 0; round < mostRounds; round++) {
      if ((await this.wholly()) <= few) return
    }
  }

  /** All that is visible now. @returns how many events that was */
  async wholly(): Promise<number> {
    this.opened ??= await this.open()
    const { client, feed, pass } = this.opened
    const now = await currentSnapshot(client)
    // A tick that loses the race for a window returns one whose snapshot may be older than the call.
    do await feed.tick({ evenIfEmpty: true })
    while (!isCovered(now, feed.latest.snapshot))
    for (let events = 0; ; ) {
      this.signal?.throwIfAborted()
      const passed = await pass.once()
      if (passed.kind === 'idle') return events
      if (passed.kind === 'lost') throw this.useless('its lease was taken over')
      events += passed.events
    }
  }

  /** Leaves the generation to the consumers. */
  async close(): Promise<void> {
    if (!this.opened) return
    const { client, feed, lease, pass } = this.opened
    await pass.settled()
    await releaseLease(client, lease).catch(() => {}) // it runs out by itself
    await Promise.allSettled([client.end(), feed.close()])
  }

  private async open(): Promise<Opened> {
    const { materializer, handling, generation } = this
    const { databaseUrl, target, model } = materializer.context
    const client = await openClient(databaseUrl, { name: `catch up ${target}`, settings: feedSettings })
    try {
      const lease = await takeLease(client, generation, `catch up ${target}`, model.version ?? 1)
      if (!lease) throw this.useless('its cursor is gone')
      const unfit = await materializer.begin(lease, client)
      if (unfit) throw this.useless(unfit)
      const feed = await Feed.open(databaseUrl)
      return {
        client,
        feed,
        lease,
        pass: new Pass({ materializer, handling, feed, client, lease, pageSize: largestPage }),
      }
    } catch (error) {
      await client.end()
      throw error
    }
  }

  private useless(reason: string): TrifoldError {
    return new TrifoldError(
      'LEASE_LOST',
      `fill: generation ${this.generation.number} of ${this.generation.target} is of no use: ${reason}; this fill is given up`,
    )
  }
}
