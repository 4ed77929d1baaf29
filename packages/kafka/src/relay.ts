import type pg from 'pg'
import { isTrifoldError } from 'trifold/internal/errors'
import { newOwner } from 'trifold/internal/lease/owner'
import { leaseMilliseconds } from 'trifold/internal/lease-time'
import { failureOf, type Observe } from 'trifold/internal/observe'
import { pause } from 'trifold/internal/pause'
import { relayTarget } from 'trifold/internal/target'
import { SharedFeed } from 'trifold/internal/worker/shared-feed'
import { Troubles } from 'trifold/internal/worker/troubles'
import { type Brokers, loadClient } from './client.ts'
import { session } from './session.ts'

/** What a relay publishes, and where. */
export interface RelayOptions extends Brokers {
  /** The topic. It must be there; its number of partitions must not change. */
  topic: string
  /** The `ce_source` of its records, a URI reference; default `/trifold/<topic>`. */
  source?: string | undefined
  /** Begins in a topic that has records already; default false. */
  intoExisting?: boolean | undefined
  /** Called with what happens. */
  observe?: Observe | undefined
}

/** A relay that runs. */
export interface Relay {
  /**
   * Settles once it has ended.
   *
   * @throws what trying again would not cure: TOPIC_UNFIT, RELAY_GAP, PACKAGE_MISSING
   */
  ended: Promise<void>
  /** Ends it: the page under way is finished first. May be called more than once. */
  stop(): Promise<void>
}

const [firstRetry, longestRetry] = [200, 5_000]

/** What stays as it is until somebody acts. */
const final = ['TOPIC_UNFIT', 'RELAY_GAP', 'PACKAGE_MISSING', 'DATABASE_NOT_MIGRATED'] as const

/**
 * Publishes the outbox of a database to a topic until it is stopped. Several may run for a topic: one has the lease, the others
 * wait. Brokers and a database that are away are waited for.
 *
 * @param pool of the library, for what `status` shows of its troubles
 * @param load loads the client; tests give a wrong one
 */
export function runRelay(databaseUrl: string, pool: pg.Pool, options: RelayOptions, load = loadClient): Relay {
  const stopping = new AbortController()
  const ended = relay(databaseUrl, pool, options, load, stopping.signal)
  ended.catch(() => {}) // the caller may look at it later
  return {
    ended,
    async stop() {
      stopping.abort()
      await ended.catch(() => {})
    },
  }
}

async function relay(
  databaseUrl: string,
  pool: pg.Pool,
  options: RelayOptions,
  load: typeof loadClient,
  signal: AbortSignal,
): Promise<void> {
  const { topic, brokers, connection, source = `/trifold/${topic}`, intoExisting = false } = options
  const kafka = await load()
  const target = relayTarget(topic)
  const troubles = new Troubles(pool, { fed: [target], views: [] })
  const observe: Observe = (observation) => {
    troubles.observe(observation)
    options.observe?.(observation)
  }
  const reading = new AbortController()
  const feed = new SharedFeed(databaseUrl, reading.signal, observe)
  const ticking = feed.run()
  const work = {
    databaseUrl,
    kafka,
    brokers: { brokers, connection },
    topic,
    source,
    intoExisting,
    owner: newOwner(),
    feed,
    signal,
    observe,
  }
  try {
    await sessions(() => session(work), target, signal, observe)
  } finally {
    reading.abort()
    await ticking
    await troubles.close()
  }
}

/** Session after session until the signal aborts. @throws what trying again would not cure */
async function sessions(
  next: () => Promise<'again' | 'waiting'>,
  target: string,
  signal: AbortSignal,
  observe: Observe,
): Promise<void> {
  let attempt = 0
  let waiting = false
  while (!signal.aborted) {
    try {
      const ended = await next()
      attempt = 0
      if (ended === 'waiting' && !waiting) observe({ kind: 'target.waiting', target })
      waiting = ended === 'waiting'
      if (waiting) await pause(leaseMilliseconds / 8, signal)
    } catch (error) {
      if (final.some((code) => isTrifoldError(error, code))) {
        observe({ kind: 'target.stopped', target, error: failureOf(error) })
        throw error
      }
      attempt += 1
      const retryInMs = Math.min(firstRetry * 2 ** (attempt - 1), longestRetry)
      if (!signal.aborted) observe({ kind: 'target.retrying', target, attempt, retryInMs, error: failureOf(error) })
      await pause(retryInMs, signal)
    }
  }
}
