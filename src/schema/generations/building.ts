import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import { lockHeld } from '../../sql.ts'
import { newestWindowId } from '../windows.ts'
import { type BuildSettings, type Generation, generationColumns, generationOf } from './generation.ts'
import type { Resolution } from './resolution.ts'

/** The number of the next generation of a target: above those of its rows, and greater than `above`. */
export async function nextNumber(client: Pick<pg.ClientBase, 'query'>, target: string, above: number): Promise<number> {
  const { rows } = await client.query(
    `select greatest(max(number), $2::integer) + 1 as next from trifold.generations where target = $1`,
    [target, above],
  )
  return Number(rows[0].next)
}

/** What is known of a generation before it is built. */
export interface NewGeneration extends Pick<Generation, 'target' | 'number' | 'storage'> {
  reason: string
  definition: { version: number; hash: string; sql: string }
  columns: Generation['columns']
  resolution: Resolution
  settings: BuildSettings
}

/** Inserts a generation in the state `building`. */
export async function insertGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  { target, number, storage, reason, definition, columns, resolution, settings }: NewGeneration,
): Promise<Generation> {
  const { rows } = await client.query(
    `insert into trifold.generations (target, number, storage, state, reason, definition_version, definition_hash, columns, resolution, settings, definition, build_window)
    values ($1, $2, $3, 'building', $4, $5, $6, $7, $8, $9, $10, ${newestWindowId})
    returning ${generationColumns}`,
    [
      target,
      number,
      storage,
      reason,
      definition.version,
      definition.hash,
      JSON.stringify(columns),
      JSON.stringify(resolution),
      JSON.stringify(settings),
      definition.sql,
    ],
  )
  return generationOf(rows[0])
}

/** What a build has copied. */
export interface Completed {
  snapshot: Snapshot
  window: { id: number }
  rows: number | undefined
  identity: string | undefined
}

/** Notes which snapshot the storage shows; inside the transaction that creates the cursor. */
export async function completeBuild(
  client: Pick<pg.ClientBase, 'query'>,
  generation: Generation,
  { snapshot, window, rows: count, identity }: Completed,
): Promise<Generation> {
  const { rows } = await client.query(
    `update trifold.generations
    set
      state = 'built',
      build_snapshot = $2,
      build_window = $3,
      row_count = $4,
      storage_identity = $5,
      built_at = now()
    where id = $1
    returning ${generationColumns}`,
    [generation.id, snapshot.text, window.id, count ?? null, identity ?? null],
  )
  return generationOf(rows[0])
}

/** Notes why a build failed, for `status`. */
export async function recordBuildFailure(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Generation,
  { code, message }: { code?: string; message: string },
): Promise<void> {
  await client.query(
    `update trifold.generations
    set failure = jsonb_build_object('code', $2::text, 'message', $3::text, 'at', now())
    where id = $1`,
    [id, code ?? 'UNEXPECTED', message],
  )
}

/** Whether a generation of the target is being built now. */
export async function rebuildUnderWay(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<boolean> {
  const { rows } = await client.query(`select ${lockHeld("'trifold rebuild ' || $1::text")} as rebuilding`, [target])
  return rows[0].rebuilding === 't'
}

/** What the newest build of a target that served gave: its rows, and the milliseconds until it served. */
export async function lastBuild(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<{ rows: number | undefined; milliseconds: number } | undefined> {
  const { rows } = await client.query(
    `select row_count, extract(epoch from served_at - created_at) * 1000 as milliseconds
    from trifold.generations
    where target = $1
      and served_at is not null
    order by number desc
    limit 1`,
    [target],
  )
  const [row] = rows
  return (
    row && { rows: row.row_count === null ? undefined : Number(row.row_count), milliseconds: Number(row.milliseconds) }
  )
}
