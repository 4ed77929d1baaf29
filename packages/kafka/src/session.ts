import type pg from 'pg'
import { differentHistory, isLeftBehind } from 'trifold/internal/consumer/history'
import { openClient } from 'trifold/internal/database'
import { currentEra } from 'trifold/internal/era'
import { type Cursor, type Feed, feedSettings } from 'trifold/internal/feed'
import { type Lease, takeLease } from 'trifold/internal/lease'
import { type Keeping, keepLease } from 'trifold/internal/lease/keep'
import type { Observe } from 'trifold/internal/observe'
import { orAborted } from 'trifold/internal/pause'
import { releaseLease } from 'trifold/internal/schema/consumers'
import { relayTarget } from 'trifold/internal/target'
import type { SharedFeed } from 'trifold/internal/worker/shared-feed'
import { type Brokers, clientOptions, type KafkaClient } from './client.ts'
import { type Publishing, publishPage } from './page.ts'
import { type PreparedPage, preparePage } from './prepare.ts'
import { registered } from './registration.ts'
import { gapped, readTopic, type Topic } from './topic.ts'

/** Most events of a page. */
const pageSize = 5_000

/** What the sessions of a relay share. */
export interface SessionOptions {
  databaseUrl: string
  kafka: KafkaClient
  brokers: Brokers
  topic: string
  source: string
  intoExisting: boolean
  owner: string
  feed: SharedFeed
  signal: AbortSignal
  observe: Observe
}

/**
 * One connection's worth of work: looks at the topic, takes the lease, publishes page after page until the signal aborts or the
 * lease is lost.
 *
 * @returns `waiting` if another relay has the lease
 */
export async function session(options: SessionOptions): Promise<'again' | 'waiting'> {
  const { databaseUrl, kafka, brokers, feed, observe } = options
  const topic = await readTopic(kafka, brokers, options.topic)
  const client = await openClient(databaseUrl, {
    name: `consumer ${relayTarget(topic.name)}`,
    settings: feedSettings,
  })
  try {
    await currentEra(client, observe)
    await feed.compareLog(client)
    const generation = await registered(client, topic, options)
    const lease = await takeLease(client, generation, options.owner, 1)
    if (!lease) return 'waiting'
    return await withLease(options, topic, client, lease)
  } finally {
    await client.end().catch(() => {})
  }
}

async function withLease(options: SessionOptions, topic: Topic, client: pg.Client, lease: Lease): Promise<'again'> {
  const { kafka, brokers, observe } = options
  const { target, number: generation } = lease.generation
  const keeping = keepLease(client, lease)
  const producer = new kafka.Producer({
    ...clientOptions(brokers),
    idempotent: true,
    serializers: kafka.stringSerializers,
  })
  try {
    const gap = await differentHistory(client, lease)
    if (gap) throw gapped(topic.name, gap)
    const { era, window, ordinal } = lease.cursor
    observe({ kind: 'target.leased', target, generation, epoch: lease.epoch, era, window, ordinal })
    const lost = await publishPages({ ...options, described: topic, client, lease, keeping, producer })
    if (lost) observe({ kind: 'lease.lost', target, generation, epoch: lease.epoch })
    return 'again'
  } finally {
    keeping.stop()
    await closeAtOnce(producer)
    await releaseLease(client, lease).catch(() => {}) // without a connection it runs out by itself
  }
}

/** What was sent and is not acknowledged is sent again by the next session. */
const closeAtOnce = async (producer: Running['producer']): Promise<void> => {
  try {
    await producer.close(true)
  } catch {
    // it has closed as far as it can
  }
}

interface Running extends Publishing {
  /** The feed of this process, and the next one if its connection breaks. */
  feed: SharedFeed
  keeping: Keeping
  signal: AbortSignal
}

/** @returns whether the lease was lost */
async function publishPages(options: Running): Promise<boolean> {
  const { client, lease, keeping, signal } = options
  const feed = await orAborted(options.feed.current(), signal)
  if (!feed) return false
  if (await isLeftBehind(client, feed)) {
    await feed.waitBeyond(feed.latest.id, 1_000, signal)
    return false
  }
  let ahead = prepareNext(options, feed, lease.cursor)
  try {
    while (!signal.aborted) {
      if (keeping.isLost) return true
      const prepared = await ahead
      if (prepared) {
        ahead = prepareNext(options, feed, prepared.page.end)
        if (!(await publishPage(options, prepared))) return true
        continue
      }
      await feed.waitBeyond(lease.cursor.window, 1_000, signal)
      if ((await orAborted(options.feed.current(), signal)) !== feed) return false
      ahead = prepareNext(options, feed, lease.cursor)
    }
    return false
  } finally {
    await Promise.allSettled([ahead])
  }
}

/** The page behind `after`, while the one before it is on its way; undefined if there is none yet. */
function prepareNext(options: Running, feed: Feed, after: Cursor): Promise<PreparedPage | undefined> {
  const preparing = feed.read(after, pageSize).then((page) => page && preparePage(options, page, after))
  preparing.catch(() => {}) // thrown when its turn comes
  return preparing
}
