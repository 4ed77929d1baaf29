import type pg from 'pg'
import { readHoldingCursors } from '../consumers/retention.ts'
import { readPartitions, type StoredPartition } from './partitions.ts'
import { readAges } from './retained.ts'

/** What `doctor` looks at. */
export interface OutboxFacts {
  sequenceCache: number
  /** The last position that was given out. */
  lastPosition: number
  /** The first position beyond the last partition. */
  partitionsEnd: number
  partitions: number
  /** Rows in the default partition, counted up to 1,000. */
  defaultRows: number
  /** On disk, with indexes. */
  bytes: number
  /** How old the oldest event is, in milliseconds; undefined if there is none. */
  oldest: number | undefined
  /** Closed partitions that could be dropped if these targets had read them. */
  held: { partitions: number; bytes: number; by: string[] }
}

/** Reads how full the partitions are, who keeps them, and whether the sequence of positions is as it was made. */
export async function readOutboxFacts(client: pg.ClientBase): Promise<OutboxFacts> {
  const partitions = await readPartitions(client)
  const sequence = await readSequence(client)
  return {
    ...sequence,
    partitionsEnd: (partitions.at(-1)?.to ?? -1) + 1,
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: await readOldest(client, partitions),
    held: await readHeld(
      client,
      partitions.filter(({ to }) => to < sequence.lastPosition),
    ),
  }
}

async function readOldest(client: pg.ClientBase, partitions: readonly StoredPartition[]): Promise<number | undefined> {
  for (const partition of partitions) {
    const ages = await readAges(client, partition)
    if (ages) return ages.oldest
  }
  return undefined
}

async function readHeld(client: pg.ClientBase, closed: readonly StoredPartition[]): Promise<OutboxFacts['held']> {
  const held = { partitions: 0, bytes: 0, by: new Set<string>() }
  for (const partition of closed) {
    const holding = await readHoldingCursors(client, partition.name)
    if (holding.length === 0) continue
    held.partitions += 1
    held.bytes += partition.bytes
    for (const { target } of holding) held.by.add(target)
  }
  return { ...held, by: [...held.by] }
}

type Sequence = Pick<OutboxFacts, 'sequenceCache' | 'lastPosition' | 'partitions' | 'defaultRows'>

async function readSequence(client: pg.ClientBase): Promise<Sequence> {
  const { rows } = await client.query(
    `select
      (
        select cache_size
        from pg_sequences
        where schemaname = 'trifold' and sequencename = 'outbox_position'
      ) as sequence_cache,
      (select last_value from trifold.outbox_position) as last_position,
      (select count(*) from pg_inherits where inhparent = 'trifold.outbox'::regclass) as partitions,
      (select count(*) from (select from trifold.outbox_default limit 1000) as counted) as default_rows`,
  )
  const row = rows[0] as Record<string, string | null>
  return {
    sequenceCache: Number(row.sequence_cache),
    lastPosition: Number(row.last_position),
    partitions: Number(row.partitions),
    defaultRows: Number(row.default_rows),
  }
}
