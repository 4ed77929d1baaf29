import type pg from 'pg'

/**
 * PostgreSQL's `pg_snapshot` in JavaScript. Transaction ids (xid8) are kept as numbers: they stay exact up to 2^53,
 * which a cluster does not reach.
 */
export interface Snapshot {
  /** Ids at or above it had not completed. */
  xmax: number
  /** Ids below `xmax` that were still running. */
  xip: ReadonlySet<number>
  /** The form in which PostgreSQL writes it: `xmin:xmax:xip,…`. */
  text: string
}

/** Reads `xmin:xmax:xip_list`. */
export function parseSnapshot(text: string): Snapshot {
  const [, xmax, list] = text.split(':') as [string, string, string]
  return { xmax: Number(xmax), xip: new Set(list === '' ? [] : list.split(',').map(Number)), text }
}

/** The snapshot of the statement; inside a REPEATABLE READ transaction that of the transaction. */
export async function currentSnapshot(client: Pick<pg.ClientBase, 'query'>): Promise<Snapshot> {
  const { rows } = await client.query('select pg_current_snapshot()::text as snapshot')
  return parseSnapshot(rows[0].snapshot)
}

/** Whether the effects of transaction `xid` are visible in the snapshot, if it committed. */
export const isVisible = (xid: number, snapshot: Snapshot): boolean => xid < snapshot.xmax && !snapshot.xip.has(xid)

/** Whether everything visible in `earlier` is visible in `later`. */
export function isCovered(earlier: Snapshot, later: Snapshot): boolean {
  if (earlier.xmax > later.xmax) return false
  for (const xid of later.xip) if (isVisible(xid, earlier)) return false
  return true
}
