import type pg from 'pg'
import type { Cursor, Page } from 'trifold/internal/feed'
import { type Envelope, readEnvelopes } from 'trifold/internal/schema/outbox/envelopes'
import { type Window, windowsFrom } from 'trifold/internal/schema/windows'
import type { KafkaClient } from './client.ts'
import { fits } from './publish.ts'
import { eventRecord, markerRecords, type NumberedEvent, type Origin, type TopicRecord } from './records.ts'
import { gapped, type Topic } from './topic.ts'

/** With what records are made. */
export interface Preparing {
  kafka: KafkaClient
  described: Topic
  source: string
  client: pg.Client
}

/** An event whose record no topic of this size takes. */
export type TooLarge = Omit<NumberedEvent, 'payload'> & { position: number; window: number }

/** A page as it will be published. */
export interface PreparedPage {
  page: Page
  records: TopicRecord[]
  /** Left out of the records. */
  tooLarge: TooLarge[]
}

/**
 * The records of a page, with a marker in each partition if it ends with a window.
 *
 * @param after where the page before it ends
 */
export async function preparePage(options: Preparing, page: Page, after: Cursor): Promise<PreparedPage> {
  const { client, described } = options
  const origin = originOf(options)
  const windows = await windowsFrom(client, after.window + 1, page.window.id - after.window)
  const envelopes = await readEnvelopes(
    client,
    page.events.map(({ position }) => position),
  )
  const prepared: PreparedPage = { page, records: [], tooLarge: [] }
  let place = 0 // windows and events are in the same order
  for (const { position, ordinal: sequence, payload } of page.events) {
    while (isBefore(windows[place], sequence)) place += 1
    const window = windows[place]?.id
    const envelope: Envelope | undefined = envelopes.get(position)
    if (!envelope || window === undefined)
      throw gapped(described.name, `the outbox has lost the event at position ${position}`)
    const record = eventRecord(origin, page.end.era, window, { ...envelope, sequence, payload })
    if (fits(record, described.mostBytes)) prepared.records.push(record)
    else prepared.tooLarge.push({ ...envelope, position, sequence, window })
  }
  const { era, window, ordinal: sequence } = page.end
  if (page.snapshot)
    prepared.records.push(...markerRecords(origin, { era, window, sequence, snapshot: page.snapshot.text }))
  return prepared
}

const isBefore = (window: Window | undefined, sequence: number): boolean =>
  window !== undefined && window.firstOrdinal + window.eventCount <= sequence

const originOf = ({ kafka, source, described: { partitions } }: Preparing): Origin => ({
  source,
  partitions,
  partitionOf: (key) => (kafka.murmur2(Buffer.from(key)) & 0x7fffffff) % partitions, // as the clients for Java do
})
