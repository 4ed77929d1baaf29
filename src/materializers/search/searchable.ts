import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import type { Lease } from '../../lease.ts'
import { orAborted } from '../../pause.ts'
import { type Applying, recordSearchable } from '../../schema/consumers.ts'
import { refreshIndex } from './index-content.ts'

/**
 * One index refresh, and the record of how far readers can see after it. A lease moves on while the engine refreshes,
 * and what was written meanwhile is not searchable yet: how far it was is read before.
 *
 * @throws INDEX_REFRESH_FAILED, SEARCH_UNREACHABLE; how far readers can see is not advanced then
 */
export async function makeSearchable(
  client: Client,
  database: Pick<pg.Pool, 'query'>,
  { generation, epoch, cursor }: Applying,
): Promise<void> {
  await refreshIndex(client, generation.storage)
  await recordSearchable(database, { generation, epoch, cursor })
}

/** Documents of a page from which on it is taken for a part of a backlog. */
const manyDocuments = 1_000

/** While a backlog is written, index refreshes may take one part of so many of the time: each makes another segment. */
const shareOfTime = 3

/** Longest wait of an orderly end, in milliseconds: the refresh of an index that is being deleted takes half a minute. */
const patience = 5_000

/**
 * Makes what was applied under one lease searchable: an index refresh follows each apply, at most one in an interval and
 * one at a time. A failed one records nothing; the next follows.
 */
export class Searchable {
  private readonly client: Client
  private readonly database: Pick<pg.Pool, 'query'>
  private readonly interval: number
  private readonly lease: Lease
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> | undefined
  private last = Number.NEGATIVE_INFINITY
  private took = 0
  private pause = 0
  private wanted = false
  private ended = false

  /** @param interval milliseconds between two index refreshes */
  constructor(client: Client, database: Pick<pg.Pool, 'query'>, interval: number, lease: Lease) {
    this.client = client
    this.database = database
    this.interval = interval
    this.lease = lease
  }

  /** Asks for an index refresh within the interval. @param documents that were written */
  applied(documents: number): void {
    this.wanted = true
    this.pause = documents < manyDocuments ? 0 : shareOfTime * this.took
    this.begin()
  }

  private begin(): void {
    if (this.timer || this.running || this.ended) return
    const wait = Math.max(0, this.last + Math.max(this.interval, this.pause) - performance.now())
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.run()
    }, wait)
  }

  /** Nothing is begun any more: the lease has another owner, or another index. */
  end(): void {
    this.ended = true
    clearTimeout(this.timer)
  }

  /** Ends after what was asked for, but waits no longer than five seconds for each index refresh. */
  async settle(): Promise<void> {
    this.end()
    if (this.running) await orAborted(this.running, AbortSignal.timeout(patience))
    if (this.wanted) await orAborted(this.refresh(), AbortSignal.timeout(patience))
  }

  private run(): void {
    this.running = this.refresh().finally(() => {
      this.running = undefined
      if (this.wanted) this.begin()
    })
  }

  private async refresh(): Promise<void> {
    this.wanted = false
    this.last = performance.now()
    try {
      await makeSearchable(this.client, this.database, this.lease)
    } catch {
      this.wanted = true // readers wait for the next one
    }
    this.took = performance.now() - this.last
  }
}
