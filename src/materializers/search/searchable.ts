import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import type { Lease } from '../../consumer/lease.ts'
import { refreshIndex } from './index-content.ts'

/** What was applied to an index: the last window, and the epoch under which. */
export interface Applying {
  generation: Pick<Lease['generation'], 'id' | 'storage'>
  epoch: number
  cursor: Pick<Lease['cursor'], 'window'>
}

/** While a backlog is written, index refreshes may take one part of so many of the time: each makes another segment. */
const shareOfTime = 3

/**
 * Makes applied documents searchable: an index refresh follows each apply, at most one in an interval and one at a time,
 * and records how far readers can see. A failed one records nothing; the next follows.
 */
export class Searchable {
  private readonly client: Client
  private readonly database: Pick<pg.Pool, 'query'>
  private readonly interval: number
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> | undefined
  private last = 0
  private took = 0
  private wanted: Lease | undefined

  /** @param interval milliseconds between two index refreshes */
  constructor(client: Client, database: Pick<pg.Pool, 'query'>, interval: number) {
    this.client = client
    this.database = database
    this.interval = interval
  }

  /** Asks for an index refresh within the interval. */
  applied(lease: Lease): void {
    this.wanted = lease
    if (this.timer || this.running) return
    const wait = Math.max(0, this.last + Math.max(this.interval, shareOfTime * this.took) - Date.now())
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.run()
    }, wait)
  }

  /** Waits for what was asked for. */
  async settle(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    await this.running
    const lease = this.wanted
    this.wanted = undefined
    if (lease) await this.refresh(lease).catch(() => {}) // readers wait for the next owner's
  }

  /** @throws INDEX_REFRESH_FAILED, SEARCH_UNREACHABLE; how far readers can see is not advanced then */
  async refresh(applied: Applying): Promise<void> {
    const { generation, epoch, cursor } = applied
    this.last = Date.now()
    await refreshIndex(this.client, generation.storage)
    this.took = Date.now() - this.last
    await this.database.query({
      name: 'trifold_searchable',
      text: `
        update trifold.consumers
        set
          searchable_window = $3::bigint,
          searchable_snapshot = (select snapshot from trifold.windows where id = $3::bigint)
        where generation_id = $1::bigint
          and epoch = $2::bigint
          and coalesce(searchable_window, 0) <= $3::bigint`,
      values: [generation.id, epoch, cursor.window],
    })
  }

  private run(): void {
    const lease = this.wanted
    if (!lease) return
    this.wanted = undefined
    this.running = this.refresh(lease)
      .catch(() => {
        this.wanted ??= lease
      })
      .finally(() => {
        this.running = undefined
        if (this.wanted) this.applied(this.wanted)
      })
  }
}
