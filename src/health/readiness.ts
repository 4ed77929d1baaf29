import type { Observation, Observe } from '../observe.ts'
import { withinTime } from '../operator/within-time.ts'
import type { Toolkit } from '../toolkit.ts'
import type { LoopDelay } from './loop-delay.ts'

/** Whether a process can do its work, and if not why. */
export interface ReadyReport {
  ok: boolean
  /** Each part with why it is not ready; null if it is. */
  parts: Record<string, string | null>
  /** The targets that this worker keeps by a lease. */
  leases: string[]
}

const patience = 3_000

/**
 * Whether the engines answer, the event loop goes on, and a worker has not lost its feed or all of its targets. It follows the
 * leases by what is observed.
 */
export class Readiness {
  private readonly toolkit: Toolkit
  private readonly loop: LoopDelay
  private readonly leases = new Set<string>()
  private feed: string | null = null
  private targets: string | null = null
  private search: { ask(): Promise<unknown>; close(): Promise<void> } | undefined

  constructor(toolkit: Toolkit, loop: LoopDelay) {
    this.toolkit = toolkit
    this.loop = loop
  }

  readonly observe: Observe = (seen) => {
    const released = releasedBy(seen)
    if (released) this.leases.delete(released)
    if (seen.kind === 'target.leased') this.leases.add(seen.target)
    if (seen.kind === 'target.leased' || seen.kind === 'refresh.finished') this.targets = null
    if (seen.kind === 'worker.stalled') this.targets = `every target has stopped: ${seen.targets.join(', ')}`
    if (seen.kind === 'feed.broken') this.feed = seen.error.message
    if (seen.kind === 'feed.opened') this.feed = null
  }

  async report(): Promise<ReadyReport> {
    const { ok, longestBlock } = this.loop.report()
    const [database, search, queue] = await Promise.all([
      problemOf('PostgreSQL', () => this.toolkit.pool.query('select')),
      problemOf('OpenSearch', () => this.askSearch()),
      problemOf('Redis', () => this.askQueue()),
    ])
    const eventLoop = ok ? null : `it was blocked for ${longestBlock} ms`
    const parts = { database, search, queue, eventLoop, feed: this.feed, targets: this.targets }
    return { ok: Object.values(parts).every((part) => part === null), parts, leases: [...this.leases].sort() }
  }

  async close(): Promise<void> {
    await this.search?.close()
  }

  private async askSearch(): Promise<void> {
    const { search, readModels } = this.toolkit.config
    if (!search || !Object.values(readModels).some(({ targets }) => targets.search)) return
    if (!this.search) {
      const { engineVersion, openSearchClient } = await import('../opensearch/client.ts')
      const client = openSearchClient(search)
      this.search = { ask: () => engineVersion(client), close: () => client.close() }
    }
    await this.search.ask()
  }

  private async askQueue(): Promise<void> {
    const { redis, readModels } = this.toolkit.config
    if (!redis || !Object.values(readModels).some(({ targets }) => targets.view)) return
    const { checkRedis } = await import('../schedule/redis.ts')
    await checkRedis(redis)
  }
}

/** A target that this worker does not keep any more. */
function releasedBy(seen: Observation): string | undefined {
  switch (seen.kind) {
    case 'lease.lost':
    case 'target.stopped':
    case 'target.waiting':
    case 'target.detached':
      return seen.target
    default:
      return undefined
  }
}

async function problemOf(engine: string, ask: () => Promise<unknown>): Promise<string | null> {
  try {
    await withinTime(ask(), patience, engine)
    return null
  } catch (error) {
    return (error as Error).message || String(error)
  }
}
