import type pg from 'pg'
import type { Received } from './topic.ts'

/** An event of the outbox as the relay should have published it. */
interface Stored {
  id: string
  aggregate: string
  count: number
}

const isMarker = ({ headers }: Received): boolean => headers.ce_type === 'trifold.marker'
const numberOf = ({ headers }: Received) => [Number(headers.ce_trifoldera), Number(headers.ce_trifoldsequence)] as const
const isAbove = ([era, sequence]: readonly [number, number], [otherEra, other]: readonly [number, number]): boolean =>
  era > otherEra || (era === otherEra && sequence > other)

/**
 * What is wrong with what a topic has received, compared with the outbox, which was written by `Writer`: the events of an
 * aggregate count. A consumer drops what is not above the highest number of its partition; what it keeps must be each event once,
 * those of an aggregate in one partition and in their order, and a marker must come after all that it names.
 */
export async function faultsOf(pool: pg.Pool, records: readonly Received[]): Promise<string[]> {
  const stored = await readStored(pool)
  const kept = keptOf(records)
  return [...lostOrTwice(stored, kept), ...disordered(kept), ...changed(records), ...earlyMarkers(records)]
}

async function readStored(pool: pg.Pool): Promise<Map<string, Stored>> {
  const { rows } = await pool.query(
    `select id, aggregate, (payload ->> 'count')::integer as count
    from trifold.outbox`,
  )
  return new Map(rows.map((row) => [row.id, { ...row, count: Number(row.count) }]))
}

/** The events that a consumer keeps. */
function keptOf(records: readonly Received[]): Received[] {
  const highest = new Map<number, readonly [number, number]>()
  return records.filter((record) => {
    if (isMarker(record) || !isAbove(numberOf(record), highest.get(record.partition) ?? [0, 0])) return false
    highest.set(record.partition, numberOf(record))
    return true
  })
}

function lostOrTwice(stored: Map<string, Stored>, kept: readonly Received[]): string[] {
  const ids = kept.map(({ headers }) => headers.ce_id as string)
  const lost = [...stored.keys()].filter((id) => !ids.includes(id))
  return [
    ...lost.map((id) => `lost: ${JSON.stringify(stored.get(id))}`),
    ...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `twice: ${id}`),
    ...ids.filter((id) => !stored.has(id)).map((id) => `unknown: ${id}`),
  ]
}

function disordered(kept: readonly Received[]): string[] {
  const last = new Map<string, { count: number; partition: number }>()
  return kept.flatMap(({ key, value, partition }) => {
    const { count } = JSON.parse(value) as { count: number }
    const before = last.get(key) ?? { count: 0, partition }
    last.set(key, { count, partition })
    return [
      ...(before.partition === partition ? [] : [`${key} is in the partitions ${before.partition} and ${partition}`]),
      ...(count === before.count + 1 ? [] : [`${key}: ${count} came after ${before.count}`]),
    ]
  })
}

/** A duplicate is the same record. */
function changed(records: readonly Received[]): string[] {
  const known = new Map<string, string>()
  return records.flatMap((record) => {
    if (isMarker(record)) return []
    const text = JSON.stringify([record.key, record.value, record.partition, record.headers])
    const before = known.get(record.headers.ce_id as string)
    known.set(record.headers.ce_id as string, text)
    return before === undefined || before === text ? [] : [`changed: ${before} is ${text}`]
  })
}

/** A marker stands before an event that it names if no marker or event at or above the event came earlier. */
function earlyMarkers(records: readonly Received[]): string[] {
  const marked = new Map<number, readonly [number, number]>()
  const seen = new Set<string>()
  return records.flatMap((record) => {
    const { partition, headers } = record
    if (isMarker(record)) {
      if (isAbove(numberOf(record), marked.get(partition) ?? [0, 0])) marked.set(partition, numberOf(record))
      return []
    }
    if (seen.has(headers.ce_id as string)) return []
    seen.add(headers.ce_id as string)
    const isNamed = !isAbove(numberOf(record), marked.get(partition) ?? [0, 0])
    return isNamed ? [`event ${numberOf(record)} came to ${partition} after its marker`] : []
  })
}
