import type pg from 'pg'
import type { Column, Definition } from '../definition.ts'
import type { Value } from '../encoding.ts'
import type { Lease } from '../lease.ts'
import type { Changes } from '../net-change/operations.ts'
import { unseen } from '../net-change/unseen.ts'
import { keyColumnsSql } from '../query.ts'
import { type CopiedRange, deleteRangeSnapshots, type KeyBound } from '../schema/range-snapshots.ts'
import { isCovered, type Snapshot } from '../snapshot.ts'

/**
 * Drops from a page the operations of events that the snapshot of their key's range already shows: the range form of
 * `rememberRowSnapshots`. A key without operations is left out.
 */
export async function dropShownByRanges(
  client: Pick<pg.ClientBase, 'query'>,
  definition: Definition,
  ranges: readonly CopiedRange[],
  { byKey }: Changes,
): Promise<void> {
  if (ranges.length === 0 || byKey.size === 0) return
  const changed = [...byKey.values()]
  const keys = changed.map(({ key }) => key)
  const snapshots = await snapshotsOfKeys(client, definition, ranges, keys)
  for (const [place, one] of changed.entries()) {
    one.operations = unseen(one.operations, snapshots[place])
    if (one.operations.length === 0) byKey.delete(one.text)
  }
}

/**
 * Forgets the ranges whose snapshot is covered by the end of a window that the cursor has passed for good. Not earlier: an
 * event that the snapshot shows could still come, or come again after a takeover of an index.
 */
export async function forgetRangeSnapshots(client: pg.ClientBase, lease: Lease, reflected: Snapshot): Promise<void> {
  const covered = lease.ranges.filter(({ snapshot }) => isCovered(snapshot, reflected))
  if (covered.length === 0) return
  lease.ranges = lease.ranges.filter((range) => !covered.includes(range))
  await deleteRangeSnapshots(
    client,
    lease.generation.id,
    covered.map(({ number }) => number),
  )
}

/** The snapshot of the range that has each key; undefined if none has it. */
export async function snapshotsOfKeys(
  client: Pick<pg.ClientBase, 'query'>,
  { key }: Pick<Definition, 'key'>,
  ranges: readonly CopiedRange[],
  keys: readonly Value[][],
): Promise<(Snapshot | undefined)[]> {
  const { ends, snapshots } = endsOf(ranges)
  const bound = ends[0]
  if (!bound) return keys.map(() => snapshots[0])
  const columns = key.slice(0, bound.length)
  const { rows } = await client.query(placesStatement(columns), [
    ...columns.map(({ encoding }, place) => keys.map((one) => encoding.text(one[place] as Value))),
    ...columns.map((_, place) => ends.map((end) => end[place])),
  ])
  return rows.map(({ before }) => snapshots[Number(before)])
}

/** Where ranges end, and what each has; what lies between two of them, or behind the last, has nothing. */
function endsOf(ranges: readonly CopiedRange[]): { ends: KeyBound[]; snapshots: (Snapshot | undefined)[] } {
  const ends: KeyBound[] = []
  const snapshots: (Snapshot | undefined)[] = []
  for (const { after, upTo, snapshot } of ranges) {
    if (after && JSON.stringify(after) !== JSON.stringify(ends.at(-1))) {
      ends.push(after)
      snapshots.push(undefined)
    }
    snapshots.push(snapshot)
    if (upTo) ends.push(upTo)
  }
  return { ends, snapshots }
}

/**
 * How many ranges end before each key, in the order of the keys given. PostgreSQL compares, as it did when the ranges were
 * read; a key that equals an end is in the range that ends there.
 */
function placesStatement(key: readonly Column[]): string {
  const columns = key.map((column, place) => ({ ...column, name: `k${place}` }))
  const names = columns.map(({ name }) => name).join(', ')
  const lists = (from: number) => columns.map((_, place) => `$${from + place + 1}::text[]`).join(', ')
  const values = columns.map(({ name, encoding }) => `${name}::${encoding.pgType}`).join(', ')
  return `
    select before
    from (
      select
        place,
        count(*) filter (where place is null) over (
          order by ${keyColumnsSql({ key: columns })}, place is null
          rows unbounded preceding
        ) as before
      from (
        select ${values}, place
        from unnest(${lists(0)}) with ordinality as given (${names}, place)
        union all
        select ${values}, null
        from unnest(${lists(columns.length)}) as ended (${names})
      ) as together (${names}, place)
    ) as counted
    where place is not null
    order by place`
}
