import type pg from 'pg'
import { readHoldingCursors } from '../consumers/retention.ts'
import { readLastPosition } from './partitions.ts'
import { readAges, readPartitions } from './retained.ts'

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
  return { ...(await readSequence(client)), ...(await readUse(client)) }
}

async function readUse(client: pg.ClientBase): Promise<Pick<OutboxFacts, 'bytes' | 'oldest' | 'held'>> {
  const last = await readLastPosition(client)
  const partitions = await readPartitions(client)
  const held = { partitions: 0, bytes: 0, by: new Set<string>() }
  for (const partition of partitions.filter(({ to }) => to < last)) {
    const holding = await readHoldingCursors(client, partition.name)
    if (holding.length === 0) continue
    held.partitions += 1
    held.bytes += partition.bytes
    for (const { target } of holding) held.by.add(target)
  }
  const ages = await Promise.all(partitions.map((partition) => readAges(client, partition)))
  return {
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: ages.find((age) => age !== undefined)?.oldest,
    held: { ...held, by: [...held.by] },
  }
}

type Positions = Omit<OutboxFacts, 'bytes' | 'oldest' | 'held'>

async function readSequence(client: pg.ClientBase): Promise<Positions> {
  const { rows } = await client.query(
    `select
      (
        select cache_size
        from pg_sequences
        where schemaname = 'trifold' and sequencename = 'outbox_position'
      ) as sequence_cache,
      (select last_value from trifold.outbox_position) as last_position,
      partitions.count,
      partitions.ends_at,
      (select count(*) from (select from trifold.outbox_default limit 1000) as counted) as default_rows
    from (
      select
        count(*) as count,
        max(substring(pg_get_expr(relpartbound, oid) from 'TO \\(''?(\\d+)''?\\)')::bigint) as ends_at
      from pg_inherits
      join pg_class on oid = inhrelid
      where inhparent = 'trifold.outbox'::regclass
    ) as partitions`,
  )
  const row = rows[0] as Record<string, string | null>
  return {
    sequenceCache: Number(row.sequence_cache),
    lastPosition: Number(row.last_position),
    partitionsEnd: Number(row.ends_at ?? 0),
    partitions: Number(row.count),
    defaultRows: Number(row.default_rows),
  }
}
