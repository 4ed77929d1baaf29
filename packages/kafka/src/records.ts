import type { Envelope } from 'trifold/internal/schema/outbox/envelopes'

/** The version of what is published: keys, headers and markers. Consumers may rely on it. */
export const contractVersion = 1

/** The `ce_type` of a marker, which is no event. */
export const markerType = 'trifold.marker'

/** A record before it is sent. */
export interface TopicRecord {
  key: string
  value: string
  headers: Record<string, string>
  partition: number
  /** An upper bound of what it takes in a batch. */
  bytes: number
}

/** An event with its place in the order of delivery. */
export interface NumberedEvent extends Envelope {
  /** Greater than that of every event before it, in all windows of the era. */
  sequence: number
  /** JSON text. */
  payload: string
}

/** How far a topic is once a marker has come. */
export interface Reached {
  era: number
  window: number
  /** The sequence of the last event up to the end of the window. */
  sequence: number
  /** The transactions that are visible at the end of the window, as PostgreSQL writes a `pg_snapshot`. */
  snapshot: string
}

/** What is the same in all records of a relay. */
export interface Origin {
  /** The `ce_source`. */
  source: string
  partitions: number
  /** The partition of a key: the same in every process and version. */
  partitionOf: (key: string) => number
}

/**
 * The record of an event, in the binary mode of CloudEvents: the value is the payload as it was appended, and what is known of
 * the event is in headers.
 *
 * @param window the window that the event is in, or a later one of the same page
 */
export function eventRecord(
  { source, partitionOf }: Origin,
  era: number,
  window: number,
  event: NumberedEvent,
): TopicRecord {
  return sized({
    key: event.aggregate,
    value: event.payload,
    headers: {
      ...common(source, era, window, event.sequence),
      ce_id: event.id,
      ce_type: event.type,
      ce_subject: encodeURI(event.aggregate),
      ce_time: event.appendedAt,
      ce_trifoldversion: String(event.version),
      ...(event.trace !== undefined && { ce_trifoldtrace: event.trace }),
    },
    partition: partitionOf(event.aggregate),
  })
}

/** A marker for each partition: all events up to the end of a window are before it. */
export function markerRecords({ source, partitions }: Origin, reached: Reached): TopicRecord[] {
  const { era, window, sequence } = reached
  const value = JSON.stringify({ contract: contractVersion, partitions, ...reached })
  return Array.from({ length: partitions }, (_, partition) =>
    sized({
      key: markerType,
      value,
      headers: {
        ...common(source, era, window, sequence),
        ce_id: `${era}-${window}-${partition}`,
        ce_type: markerType,
      },
      partition,
    }),
  )
}

const common = (source: string, era: number, window: number, sequence: number): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_source: source,
  ce_trifoldera: String(era),
  ce_trifoldwindow: String(window),
  ce_trifoldsequence: String(sequence),
})

/** What the frame of a record and of its lengths takes at most. */
const frame = 64

/** A record with its size. */
export function sized(record: Omit<TopicRecord, 'bytes'>): TopicRecord {
  let bytes = frame + lengthOf(record.key) + lengthOf(record.value)
  for (const name in record.headers) bytes += lengthOf(name) + lengthOf(record.headers[name] as string)
  return { ...record, bytes }
}

const lengthOf = (text: string): number => Buffer.byteLength(text) + 5
