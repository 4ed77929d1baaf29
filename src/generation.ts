import type pg from 'pg'
import { type Definition, storedColumns } from './definition.ts'

/** One physical build of a target. */
export interface Generation {
  id: string
  target: string
  number: number
  /** The relation (in the schema `trifold`) or the index. */
  storage: string
  state: 'filling' | 'filled' | 'serving' | 'retired'
  definitionVersion: number
  definitionHash: string
  columns: { name: string; type: string; notNull: boolean }[]
  /** The snapshot of the fill: events visible in it are already in the rows. */
  fillSnapshot: string | undefined
  /** The last window before the fill. */
  fillWindow: string | undefined
}

const generationColumns = `
  id, target, number, storage, state, definition_version, definition_hash, columns, fill_snapshot::text, fill_window`

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
 * Registers the next generation of a target, in the state `filling`.
 *
 * @param storageOf names the relation or index of generation `number`
 */
export async function beginGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  definition: Definition,
  reason: string,
  storageOf: (number: number) => string,
): Promise<Generation> {
  const { rows } = await client.query(
    `select coalesce(max(number), 0) + 1 as next from trifold.generations where target = $1`,
    [target],
  )
  const number = Number(rows[0].next)
  const inserted = await client.query(
    `insert into trifold.generations (target, number, storage, state, reason, definition_version, definition_hash, columns)
    values ($1, $2, $3, 'filling', $4, $5, $6, $7)
    returning ${generationColumns}`,
    [
      target,
      number,
      storageOf(number),
      reason,
      definition.version,
      definition.hash,
      JSON.stringify(storedColumns(definition)),
    ],
  )
  return generationOf(inserted.rows[0])
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
    set state = 'serving', filled_at = coalesce(filled_at, now()), served_at = now()
    where id = $1`,
    [generation.id],
  )
}

/** Marks what an interrupted fill or an ended service left behind, so that its storage can be dropped. */
export async function retiredStorages(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<Generation[]> {
  const { rows } = await client.query(
    `select ${generationColumns}
    from trifold.generations
    where target = $1 and state <> 'serving'`,
    [target],
  )
  return rows.map(generationOf)
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
    fillSnapshot: row.fill_snapshot ?? undefined,
    fillWindow: row.fill_window ?? undefined,
  }
}
