import type { Producer } from '@platformatic/kafka'
import type pg from 'pg'
import { TrifoldError } from 'trifold/internal/errors'
import { faultPoint } from 'trifold/internal/fault'
import type { Page } from 'trifold/internal/feed'
import type { Lease } from 'trifold/internal/lease'
import { moveCursorAlone } from 'trifold/internal/lease/cursor'
import { failureOf, type Observe } from 'trifold/internal/observe'
import { readEnvelopes } from 'trifold/internal/schema/outbox/envelopes'
import { insertParked } from 'trifold/internal/schema/parked'
import { windowsFrom } from 'trifold/internal/schema/windows'
import { type Brokers, brokerError, type KafkaClient } from './client.ts'
import { fits, publish } from './publish.ts'
import { eventRecord, markerRecords, type Origin, type TopicRecord } from './records.ts'
import type { Topic } from './topic.ts'

/** What publishes pages: the session of a relay that has the lease. */
export interface Publishing {
  kafka: KafkaClient
  brokers: Brokers
  producer: Producer<string, string, string, string>
  described: Topic
  source: string
  client: pg.Client
  lease: Lease
  observe: Observe
}

/**
 * Publishes a page and a marker in each partition, and moves the cursor once all are acknowledged. If it ends in between, the
 * page is published again, with the same sequences.
 *
 * @returns false if the lease is lost
 */
export async function publishPage(options: Publishing, page: Page): Promise<boolean> {
  const { client, lease, producer, described, brokers, observe } = options
  const began = performance.now()
  const records = await recordsOf(options, page)
  if (!records) return false
  await faultPoint('relay:before-publish')
  await publish(producer, described, records).catch((error) => {
    throw brokerError(brokers, error)
  })
  await faultPoint('relay:acknowledged')
  if (!(await moveCursorAlone(client, lease, page.end))) return false
  await faultPoint('relay:moved')
  observe({
    kind: 'page.applied',
    target: lease.generation.target,
    events: page.events.length,
    keys: page.events.length,
    window: page.window.id,
    ordinal: page.end.ordinal,
    ms: Math.round((performance.now() - began) * 10) / 10,
  })
  return true
}

/** The records of a page; events that are too large are parked and left out. Undefined if the lease is lost. */
async function recordsOf(options: Publishing, page: Page): Promise<TopicRecord[] | undefined> {
  const { client, lease, described, kafka, source } = options
  const { partitions } = described
  const origin: Origin = {
    source,
    partitions,
    partitionOf: (key) => (kafka.murmur2(Buffer.from(key)) & 0x7fffffff) % partitions, // as the clients for Java do
  }
  const windows = await windowsFrom(client, lease.cursor.window + 1, page.window.id - lease.cursor.window)
  const envelopes = await readEnvelopes(
    client,
    page.events.map(({ position }) => position),
  )
  const records: TopicRecord[] = []
  for (const { position, ordinal: sequence, payload } of page.events) {
    const window = windows.find(({ firstOrdinal, eventCount }) => sequence < firstOrdinal + eventCount)
    const envelope = envelopes.get(position)
    if (!envelope || !window) throw gapped(described.name, `the outbox has lost the event at position ${position}`)
    const record = eventRecord(origin, page.end.era, window.id, { ...envelope, sequence, payload })
    if (fits(record, described.mostBytes)) records.push(record)
    else if (!(await park(options, { ...envelope, position, sequence, window: window.id }))) return undefined
  }
  const { era, window, ordinal: sequence } = page.end
  if (!page.snapshot) return records
  return [...records, ...markerRecords(origin, { era, window, sequence, snapshot: page.snapshot.text })]
}

async function park(
  { client, lease, described, observe }: Publishing,
  event: { type: string; aggregate: string; position: number; sequence: number; window: number },
): Promise<boolean> {
  const { target } = lease.generation
  const { type, aggregate, position, sequence: ordinal, window } = event
  const error = new TrifoldError(
    'RECORD_TOO_LARGE',
    `relay: the ${type} of ${aggregate} (event ${ordinal}) is larger than the ${described.mostBytes} bytes that the topic ${described.name} takes (max.message.bytes), so it is not published`,
    { details: { type, aggregate, ordinal, position } },
  )
  const { code, message } = error
  const parking = { target, window, ordinal, position, code, message, handlersVersion: 1, keys: [] }
  if ((await insertParked(client, lease, parking)) === undefined) return false
  observe({ kind: 'event.parked', target, type, ordinal, position, keys: 0, error: failureOf(error) })
  return true
}

/** The relay cannot go on without leaving something out. */
export const gapped = (topic: string, reason: string): TrifoldError =>
  new TrifoldError(
    'RELAY_GAP',
    `relay: the topic ${topic} cannot be continued without a gap: ${reason}; to go on with what comes now, run \`trifold relay ${topic} --forget\` and begin again with --into-existing`,
    { details: { topic } },
  )
