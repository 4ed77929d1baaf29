// The table `trifold.range_snapshots`: the key ranges that a build has copied, each at its own snapshot.
import type pg from 'pg'
import { parseSnapshot, type Snapshot } from '../snapshot.ts'

/** The first columns of a key, as PostgreSQL writes them. */
export type KeyBound = readonly string[]

/** Keys in their order: behind one, up to and with another; undefined at either end. */
export interface KeyRange {
  after: KeyBound | undefined
  upTo: KeyBound | undefined
}

/** A range that a build has copied. */
export interface CopiedRange extends KeyRange {
  /** Its place in the order of the keys. Numbers may be missing: such a range is still to be copied. */
  number: number
  /** The snapshot at which the definition was read. */
  snapshot: Snapshot
  rows: number
}

/** The ranges of a generation whose snapshots it has to remember, in the order of the keys. */
export async function readRangeSnapshots(
  client: Pick<pg.ClientBase, 'query'>,
  generationId: string,
): Promise<CopiedRange[]> {
  const { rows } = await client.query(
    `select
      number,
      to_json(after_key) as after,
      to_json(up_to_key) as up_to,
      snapshot::text,
      row_count
    from trifold.range_snapshots
    where generation_id = $1
    order by number`,
    [generationId],
  )
  return rows.map((row) => ({
    number: Number(row.number),
    after: boundOf(row.after),
    upTo: boundOf(row.up_to),
    snapshot: parseSnapshot(row.snapshot),
    rows: Number(row.row_count),
  }))
}

const boundOf = (json: string | null): KeyBound | undefined => (json === null ? undefined : JSON.parse(json))

/** Remembers a range, in the transaction that copies it. */
export async function insertRangeSnapshot(
  client: pg.ClientBase,
  generationId: string,
  { number, after, upTo, snapshot, rows }: CopiedRange,
): Promise<void> {
  await client.query(
    `insert into trifold.range_snapshots (generation_id, number, after_key, up_to_key, snapshot, row_count)
    values ($1, $2, $3, $4, $5, $6)`,
    [generationId, number, after ?? null, upTo ?? null, snapshot.text, rows],
  )
}

/** Forgets some ranges of a generation. */
export async function deleteRangeSnapshots(
  client: pg.ClientBase,
  generationId: string,
  numbers: readonly number[],
): Promise<void> {
  await client.query(
    `delete from trifold.range_snapshots
    where generation_id = $1
      and number = any ($2::integer[])`,
    [generationId, numbers],
  )
}

/** Forgets all ranges of a generation. */
export async function deleteAllRangeSnapshots(
  client: Pick<pg.ClientBase, 'query'>,
  generationId: string,
): Promise<void> {
  await client.query(`delete from trifold.range_snapshots where generation_id = $1`, [generationId])
}
