import type pg from 'pg'
import { freshTarget, reflectedSnapshots } from 'trifold/internal/freshness'
import type { CommitToken } from 'trifold/internal/outbox'
import { parseToken } from 'trifold/internal/outbox/token'
import { pause } from 'trifold/internal/pause'
import { isVisible, type Snapshot } from 'trifold/internal/snapshot'
import { clock } from './clock.ts'
import type { Sample } from './comparison.ts'
import { quantile } from './series.ts'
import type { ComparedTarget } from './targets.ts'

/** Milliseconds between two looks. */
const lookEvery = 4

interface Committed {
  xids: number[]
  /** Seconds since the load began, for the sample. */
  at: number
  /** When the commit was acknowledged, by {@link clock}. */
  committedAt: number
}

/** How long a target took to show the commits. */
export interface Watched {
  lag: Sample[]
  neverSeen: number
}

/**
 * Looks again and again which commits a target shows, and notes of each when it was first seen. The lag is that of a
 * reader who asks with a commit token: for search it ends with the record of the index refresh.
 */
export class Watcher {
  private readonly pool: pg.Pool
  private readonly target: ComparedTarget
  private readonly signal: AbortSignal
  private readonly lag: Sample[] = []
  private readonly looks: number[] = []
  private pending: Committed[] = []
  private era: bigint | undefined
  private expecting = true

  constructor(pool: pg.Pool, target: ComparedTarget, signal: AbortSignal) {
    this.pool = pool
    this.target = target
    this.signal = signal
  }

  get name(): string {
    return this.target.target
  }

  /** Commits that it has not seen yet. */
  get waiting(): number {
    return this.pending.length
  }

  /**
   * A transaction has committed.
   *
   * @param at seconds since the load began
   * @param committedAt when its commit was acknowledged, by {@link clock}
   */
  committed(token: CommitToken, at: number, committedAt: number): void {
    const { era, xids } = parseToken(token)
    this.era = era
    this.pending.push({ xids: xids.map(Number), at, committedAt })
  }

  /**
   * Looks until everything that was told by {@link committed} is visible and the load has ended.
   *
   * @param patience how long to look on after the load, in milliseconds
   */
  async run(load: Promise<unknown>, patience: number): Promise<Watched> {
    let end = Number.POSITIVE_INFINITY
    const ended = () => {
      this.expecting = false
      end = clock() + patience
    }
    load.then(ended, ended)
    while (!this.signal.aborted && (this.expecting || (this.pending.length > 0 && clock() < end))) {
      if (this.era !== undefined && this.pending.length > 0) await this.look(this.era)
      await pause(lookEvery, this.signal)
    }
    return { lag: this.lag.sort((a, b) => a.at - b.at), neverSeen: this.pending.length }
  }

  /** Middle time between two looks, in milliseconds; undefined if it has not looked twice. */
  resolution(): number | undefined {
    const between = this.looks.slice(1).map((at, place) => at - (this.looks[place] as number))
    return between.length === 0 ? undefined : quantile(between, 0.5)
  }

  private async look(era: bigint): Promise<void> {
    const snapshots = await reflectedSnapshots(this.pool, freshTarget(this.target.materializer), era)
    const seenAt = clock()
    this.looks.push(seenAt)
    const waiting: Committed[] = []
    for (const commit of this.pending) {
      if (isReflected(commit, snapshots)) this.lag.push({ at: commit.at, value: seenAt - commit.committedAt })
      else waiting.push(commit)
    }
    this.pending = waiting
  }
}

const isReflected = ({ xids }: Committed, snapshots: readonly Snapshot[]): boolean =>
  xids.every((xid) => snapshots.some((snapshot) => isVisible(xid, snapshot)))
