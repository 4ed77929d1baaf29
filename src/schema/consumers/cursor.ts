import type pg from 'pg'

/** How far a reader of the log has come. */
export interface Cursor {
  era: number
  /** The last window that was applied wholly. */
  window: number
  /** The last row applied of the window after it, or undefined at a window's end. */
  position: number | undefined
  /** The ordinal of the last event applied. */
  ordinal: number
}

/**
 * A statement: moves a cursor behind a page, if epoch and version are still those of the lease: the compare-and-set that
 * every write of a target's rows goes through. It returns one row, or none if the lease is lost. Parameters: `$1` the
 * generation, `$2` the epoch, `$3` the version, `$4` to `$7` the era, window, position and ordinal of the page's end,
 * `$8` how long the lease lasts from now, in milliseconds.
 */
export const moveCursor = `
  update trifold.consumers
  set
    era = $4::bigint,
    page_window = window_id,
    window_id = $5::bigint,
    position = $6::bigint,
    ordinal = $7::bigint,
    version = version + 1,
    applied_at = clock_timestamp(),
    lease_until = clock_timestamp() + $8::bigint * interval '1 millisecond',
    failure = null,
    attempt = null
  where generation_id = $1::bigint
    and epoch = $2::bigint
    and version = $3::bigint
  returning version`

/** How many parameters {@link moveCursor} has. */
export const cursorParameters = 8

/** The cursor and its version; if an epoch is given, only while it is still that one. */
export async function readCursor(
  client: Pick<pg.ClientBase, 'query'>,
  generationId: string,
  epoch?: number,
): Promise<{ cursor: Cursor; version: number } | undefined> {
  const { rows } = await client.query(
    `select era, window_id, position, ordinal, version
    from trifold.consumers
    where generation_id = $1
      and epoch = coalesce($2::bigint, epoch)`,
    [generationId, epoch ?? null],
  )
  const row = rows[0] as Record<string, string | null> | undefined
  return (
    row && {
      version: Number(row.version),
      cursor: {
        era: Number(row.era),
        window: Number(row.window_id),
        position: row.position === null ? undefined : Number(row.position),
        ordinal: Number(row.ordinal),
      },
    }
  )
}

/** The version of a cursor: every write of the target's rows or cursor raises it. Undefined if there is no cursor. */
export async function readVersion(client: pg.ClientBase, generationId: string): Promise<number | undefined> {
  const { rows } = await client.query('select version from trifold.consumers where generation_id = $1', [generationId])
  return rows[0] && Number(rows[0].version)
}

/**
 * Moves a cursor back to the end of a window, if epoch and version are still those of the lease. What readers were
 * promised to see ends there too.
 */
export async function moveCursorBack(
  client: pg.ClientBase,
  lease: { generation: { id: string }; epoch: number; version: number },
  window: number,
): Promise<{ ordinal: number; version: number } | undefined> {
  const { rows } = await client.query(
    `update trifold.consumers
    set
      page_window = windows.id,
      window_id = windows.id,
      position = null,
      ordinal = windows.first_ordinal + windows.event_count - 1,
      version = version + 1,
      searchable_window = case
        when searchable_window > windows.id then windows.id
        else searchable_window
      end
    from trifold.windows
    where generation_id = $1
      and epoch = $2
      and version = $3
      and windows.id = $4
    returning windows.id, ordinal, version`,
    [lease.generation.id, lease.epoch, lease.version, window],
  )
  return rows[0] && { ordinal: Number(rows[0].ordinal), version: Number(rows[0].version) }
}
