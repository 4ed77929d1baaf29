import type pg from 'pg'
import type { Resolution } from './definition/resolution.ts'
import { type Definition, storedColumns } from './definition.ts'
import type { Snapshot } from './feed/snapshot.ts'

/** One physical build of a target. */
export interface Generation {
  id: string
  target: string
  number: number
  /** The relation (in the schema `trifold`) or the index. */
  storage: string
  state: 'building' | 'built' | 'serving' | 'retired' | 'dropped'
  definitionVersion: number
  definitionHash: string
  columns: { name: string; type: string; notNull: boolean }[]
  /** Tells the storage from another of the same name, if the engine can tell. */
  storageIdentity: string | undefined
  /** What the names of the definition resolved to when it was built. */
  resolution: Resolution
  /** The snapshot of the build: events visible in it are already in the rows. */
  buildSnapshot: string | undefined
  /** The last window before the build; while it is being built, one that is no later. */
  buildWindow: string | undefined
}

const generationColumns = `
  id, target, number, storage, state, definition_version, definition_hash, columns, resolution, storage_identity,
  build_snapshot::text, build_window`

/** What a generation is built from, and why. */
export interface BuiltFrom {
  definition: Definition
  resolution: Resolution
  reason: string
}

/** The generation that serves the target now. */
export async function servingGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<Generation | undefined> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where target = $1 and state = 'serving'`,
    [target],
  )
  return rows[0] && generationOf(rows[0])
}

/**
 * Registers the next generation of a target, in the state `building`.
 *
 * @param storageOf names the relation or index of generation `number`
 * @param above the number is greater than this, if storages are known of which the database has no row
 */
export async function beginGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  { definition, resolution, reason }: BuiltFrom,
  storageOf: (number: number) => string,
  above = 0,
): Promise<Generation> {
  const { rows } = await client.query(
    `select greatest(max(number), $2::integer) + 1 as next from trifold.generations where target = $1`,
    [target, above],
  )
  const number = Number(rows[0].next)
  const inserted = await client.query(
    `insert into trifold.generations (target, number, storage, state, reason, definition_version, definition_hash, columns, resolution, build_window)
    values ($1, $2, $3, 'building', $4, $5, $6, $7, $8, (select max(id) from trifold.windows))
    returning ${generationColumns}`,
    [
      target,
      number,
      storageOf(number),
      reason,
      definition.version,
      definition.hash,
      JSON.stringify(storedColumns(definition)),
      JSON.stringify(resolution),
    ],
  )
  return generationOf(inserted.rows[0])
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

/** Makes a generation the serving one and retires the one before; inside the caller's transaction. */
export async function serveGeneration(client: Pick<pg.ClientBase, 'query'>, generation: Generation): Promise<void> {
  await client.query(
    `update trifold.generations
    set state = 'retired', retired_at = now()
    where target = $1 and state = 'serving'`,
    [generation.target],
  )
  await client.query(
    `update trifold.generations
    set state = 'serving', built_at = coalesce(built_at, now()), served_at = now()
    where id = $1`,
    [generation.id],
  )
}

/**
 * Drops the storage of generations that do not serve: of an interrupted rebuild, or of one that was replaced. Their rows
 * stay, so that a number is never used again: a late write of the past must not land in a storage of the present.
 *
 * @param drop removes one relation or index, and does not mind if it is gone already; false leaves it for the next time
 * @param only this generation; default every one of the target
 */
export async function dropUnserved(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  drop: (storage: string) => Promise<boolean>,
  only?: Generation,
): Promise<void> {
  const { rows } = await client.query(
    `select id, storage
    from trifold.generations
    where target = $1
      and state in ('building', 'built', 'retired')
      and id = coalesce($2, id)`,
    [target, only?.id ?? null],
  )
  for (const { id, storage } of rows) {
    if (!(await drop(storage))) continue
    await client.query(`delete from trifold.consumers where generation_id = $1`, [id])
    await client.query(`delete from trifold.row_snapshots where generation_id = $1`, [id])
    await client.query(
      `update trifold.generations
      set state = 'dropped', retired_at = coalesce(retired_at, now())
      where id = $1`,
      [id],
    )
  }
}

function generationOf(row: Record<string, string | null>): Generation {
  return {
    id: row.id as string,
    target: row.target as string,
    number: Number(row.number),
    storage: row.storage as string,
    state: row.state as Generation['state'],
    definitionVersion: Number(row.definition_version),
    definitionHash: row.definition_hash as string,
    columns: JSON.parse(row.columns as string),
    resolution: JSON.parse(row.resolution as string),
    storageIdentity: row.storage_identity ?? undefined,
    buildSnapshot: row.build_snapshot ?? undefined,
    buildWindow: row.build_window ?? undefined,
  }
}
