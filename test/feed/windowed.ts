import type pg from 'pg'
import { openClient } from '../../src/database.ts'
import type { Delivered, Design, FeedProcess } from './design.ts'

/** What a windowed design does wrong; without any of them it is the feed's protocol in its plainest form. */
export interface Flaws {
  /** Orders a window by transaction id first: an id may be taken early and the event written late. */
  ordersByXid?: boolean
  /** Takes only what no older transaction of the cluster can still precede: whoever holds one open stalls all. */
  waitsForTheOldest?: boolean
  /** Trusts that what began after the last window has a position above the highest that was delivered. */
  remembersPosition?: boolean
  /** Takes the snapshot before it reads the last window. */
  takesSnapshotFirst?: boolean
  /** Takes the id and the first ordinal when it inserts, not from the window it continues. */
  takesIdAtInsert?: boolean
  /** Hands on the rows that it found although another window was stored. */
  handsOnWhenLost?: boolean
  /** Hands on the rows before their window is stored. */
  handsOnBeforeStore?: boolean
}

interface Row {
  position: number
  xid: number
  payload: string
}

interface Step {
  id: number
  snapshot: string
  firstOrdinal: number
}

interface WindowPlace {
  window: number
  /** Events of the next window that were read already. */
  rank: number
}

/** The protocol of windows, written again without regard to speed, with the given flaws. */
export function windowed(name: string, flaws: Flaws): Design<WindowPlace> {
  return {
    name,
    start: { window: 0, rank: 0 },
    async open(databaseUrl) {
      const ticking = await openClient(databaseUrl, { name: 'ticker' })
      const reading = await openClient(databaseUrl, { name: 'reader' })
      return new WindowedProcess(ticking, reading, flaws)
    },
  }
}

class WindowedProcess implements FeedProcess<WindowPlace> {
  private readonly ticking: pg.Client
  private readonly reading: pg.Client
  private readonly flaws: Flaws
  private held: { window: Step; rows: Row[] } | undefined

  constructor(ticking: pg.Client, reading: pg.Client, flaws: Flaws) {
    this.ticking = ticking
    this.reading = reading
    this.flaws = flaws
  }

  async tick(): Promise<void> {
    const early = this.flaws.takesSnapshotFirst ? await currentSnapshot(this.ticking) : undefined
    const previous = await lastStep(this.ticking)
    const head = await this.head(previous, early)
    if (head.rows.length === 0) return
    const window = {
      id: previous.id + 1,
      snapshot: head.snapshot,
      firstOrdinal: previous.firstOrdinal + previous.count,
    }
    const found = { window, rows: head.rows }
    if (this.flaws.handsOnBeforeStore) this.held = found
    const stored = await this.store(found)
    this.held = stored || this.flaws.handsOnWhenLost ? found : undefined
  }

  async read(place: WindowPlace, limit: number): Promise<{ events: Delivered[]; place: WindowPlace } | undefined> {
    const held = this.held?.window.id === place.window + 1 ? this.held : await this.stored(place.window + 1)
    if (!held) return undefined
    const rows = held.rows.slice(place.rank, place.rank + limit)
    const rank = place.rank + rows.length
    return {
      events: rows.map((row, index) => ({ ...row, ordinal: held.window.firstOrdinal + place.rank + index })),
      place: rank >= held.rows.length ? { window: held.window.id, rank: 0 } : { ...place, rank },
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.ticking.end(), this.reading.end()])
  }

  private async head(previous: Step, early: string | undefined): Promise<{ snapshot: string; rows: Row[] }> {
    const { rows } = await this.ticking.query(
      `select pg_current_snapshot()::text as now, pg_snapshot_xmin(pg_current_snapshot())::text as oldest, outbox.*
      from (values (1)) as one
      left join (
        select position, xid::text, payload::text
        from trifold.outbox
        where not pg_visible_in_snapshot(xid, $1::pg_snapshot)
          and (not $2::boolean or xid < pg_snapshot_xmin(pg_current_snapshot()))
          and (
            not $3::boolean
            or xid = any (array(select pg_snapshot_xip($1::pg_snapshot)))
            or position > (
              select coalesce(max(position), 0)
              from trifold.outbox
              where pg_visible_in_snapshot(xid, $1::pg_snapshot)
            )
          )
      ) as outbox on true`,
      [previous.snapshot, this.flaws.waitsForTheOldest ?? false, this.flaws.remembersPosition ?? false],
    )
    const { now, oldest } = rows[0]
    const snapshot = this.flaws.waitsForTheOldest ? `${oldest}:${oldest}:` : (early ?? now)
    return { snapshot, rows: this.inOrder(rows.filter((row) => row.position !== null)) }
  }

  private async store({ window, rows }: { window: Step; rows: Row[] }): Promise<boolean> {
    const { rowCount } = await this.ticking.query(
      `insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
      select
        case when $5::boolean then max(id) + 1 else $1::bigint end,
        max(era),
        $2::pg_snapshot,
        case when $5::boolean then max(first_ordinal + event_count) else $3::bigint end,
        $4::bigint
      from trifold.windows
      on conflict (id) do nothing`,
      [window.id, window.snapshot, window.firstOrdinal, rows.length, this.flaws.takesIdAtInsert ?? false],
    )
    return rowCount === 1 && !this.flaws.takesIdAtInsert
  }

  private async stored(id: number): Promise<{ window: Step; rows: Row[] } | undefined> {
    const { rows } = await this.reading.query(
      `select step.first_ordinal, outbox.position, outbox.xid::text, outbox.payload::text
      from trifold.windows as step
      join trifold.windows as previous on previous.id = step.id - 1
      left join trifold.outbox
        on pg_visible_in_snapshot(outbox.xid, step.snapshot)
        and not pg_visible_in_snapshot(outbox.xid, previous.snapshot)
      where step.id = $1`,
      [id],
    )
    if (rows.length === 0) return undefined
    const window = { id, snapshot: '', firstOrdinal: Number(rows[0].first_ordinal) }
    return { window, rows: this.inOrder(rows.filter((row) => row.position !== null)) }
  }

  private inOrder(raw: Record<string, string>[]): Row[] {
    const rows = raw.map((row) => ({
      position: Number(row.position),
      xid: Number(row.xid),
      payload: row.payload as string,
    }))
    return rows.sort((a, b) => (this.flaws.ordersByXid ? a.xid - b.xid : 0) || a.position - b.position)
  }
}

async function currentSnapshot(client: pg.Client): Promise<string> {
  const { rows } = await client.query('select pg_current_snapshot()::text as snapshot')
  return rows[0].snapshot
}

async function lastStep(client: pg.Client): Promise<Step & { count: number }> {
  const { rows } = await client.query(
    'select id, snapshot::text, first_ordinal, event_count from trifold.windows order by id desc limit 1',
  )
  const { id, snapshot, first_ordinal, event_count } = rows[0]
  return { id: Number(id), snapshot, firstOrdinal: Number(first_ordinal), count: Number(event_count) }
}
