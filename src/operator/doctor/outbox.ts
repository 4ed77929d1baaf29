import type pg from 'pg'
import { inThousands } from '../figures.ts'
import { type Checks, ok, problem, warning } from './finding.ts'

export interface OutboxFacts {
  sequenceCache: number
  /** The last position that was given out. */
  lastPosition: number
  /** The first position beyond the last partition. */
  partitionsEnd: number
  partitions: number
  /** Rows in the default partition, counted up to 1,000. */
  defaultRows: number
}

/** Positions that the partitions should be ahead of the last event. */
const positionsAhead = 2_000_000

export async function readOutboxFacts(client: pg.ClientBase): Promise<OutboxFacts> {
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

export const outboxChecks: Checks<OutboxFacts> = {
  sequenceCache: ({ sequenceCache }) =>
    sequenceCache === 1
      ? ok('the sequence of positions has cache 1')
      : problem(
          `the sequence of positions has cache ${sequenceCache}: sessions that keep positions back invert the events of one aggregate`,
          'alter sequence trifold.outbox_position cache 1, and rebuild the targets',
        ),
  partitions: ({ partitions, partitionsEnd, lastPosition }) => {
    const ahead = partitionsEnd - 1 - lastPosition
    if (ahead >= positionsAhead)
      return ok(`${partitions} partitions of the outbox, ${inThousands(ahead)} positions ahead of the last event`)
    return warning(
      `the partitions of the outbox end ${inThousands(Math.max(0, ahead))} positions after the last event`,
      'start `trifold worker`, which creates the next one',
    )
  },
  defaultPartition: ({ defaultRows }) =>
    defaultRows === 0
      ? ok('the default partition of the outbox is empty')
      : warning(
          `the default partition of the outbox holds ${defaultRows === 1_000 ? '1,000 rows or more' : `${defaultRows} rows`}: ` +
            'they keep the partition of their range from being created',
          'nothing is lost or late; move them in a quiet hour: detach trifold.outbox_default, create the range partition, insert them, attach an empty default',
        ),
}
