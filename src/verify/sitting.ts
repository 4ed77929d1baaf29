import type pg from 'pg'
import type { Projector } from '../consumer/projector.ts'
import { openClient } from '../database.ts'
import { lockSources } from '../definition/at-snapshot.ts'
import type { Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
import { eventsAhead } from '../feed/ahead.ts'
import type { EventFed, FrozenRows } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { type Cursor, readCursor } from '../schema/consumers.ts'
import { type Generation, servingGeneration } from '../schema/generations.ts'
import { readRowSnapshots } from '../schema/row-snapshots.ts'
import { currentSnapshot, parseSnapshot, type Snapshot } from '../snapshot.ts'
import { Ahead } from './ahead.ts'

/** More events than this are not looked at: the target is to catch up first. */
const mostAhead = 20_000

/** The handlers run for no consumer: what one does to the process stops no target. */
const noEpoch = 0

/** Both sides of an event-fed target at one snapshot, for as many key ranges as are compared at it. */
export interface Sitting {
  client: pg.ClientBase
  generation: Generation
  snapshot: Snapshot
  ahead: Ahead
  /** The snapshots at which keys were recomputed, by key text; of a store in PostgreSQL. */
  rowSnapshots: ReadonlyMap<string, Snapshot>
  /** The rows of a store outside of PostgreSQL. */
  frozen: FrozenRows | undefined
  close(): Promise<void>
}

/**
 * Opens the two sides of a comparison. A store in PostgreSQL is read in the transaction that reads the definition: rows,
 * cursor and the events ahead of it are of one snapshot. One outside is frozen first, and the cursor is read before that:
 * whatever of the events behind the cursor it has already, its own ordinals tell.
 *
 * @returns undefined if the target is too far behind, or its generation was replaced meanwhile: try again
 * @throws TARGET_STOPPED if a handler fails at an event ahead
 */
export async function openSitting(materializer: EventFed, projector: Projector): Promise<Sitting | undefined> {
  const { context } = materializer
  const client = await openClient(context.databaseUrl, {
    name: `verify ${context.target}`,
    settings: { idle_in_transaction_session_timeout: '0', lock_timeout: '5000' }, // it reads only: nobody waits for it
  })
  let frozen: FrozenRows | undefined
  const close = async () => {
    await frozen?.close()
    await client.end()
  }
  try {
    const generation = await servingOf(client, context.target)
    const before = materializer.freeze ? await cursorOf(client, generation) : undefined
    frozen = await materializer.freeze?.(generation)
    await client.query('begin isolation level repeatable read')
    await lockSources(client, generation.resolution)
    const sitting = await atSnapshot(client, context.definition, { generation, before, projector })
    if (sitting) return { ...sitting, client, generation, frozen, close }
    await close()
    return undefined
  } catch (error) {
    await close()
    throw error
  }
}

async function atSnapshot(
  client: pg.ClientBase,
  definition: Definition,
  { generation, before, projector }: { generation: Generation; before: Cursor | undefined; projector: Projector },
): Promise<Pick<Sitting, 'snapshot' | 'ahead' | 'rowSnapshots'> | undefined> {
  const snapshot = await currentSnapshot(client)
  if ((await servingGeneration(client, generation.target))?.id !== generation.id) return undefined
  const cursor = before ?? (await cursorOf(client, generation))
  const events = await eventsAhead(client, cursor, mostAhead)
  if (!events) return undefined
  const changes: Changes = { byKey: new Map(), wheres: [] }
  const { buildSnapshot } = generation
  const failed = await projector.addChanges(changes, events, {
    generation,
    epoch: noEpoch,
    buildSnapshot: buildSnapshot === undefined ? undefined : parseSnapshot(buildSnapshot),
  })
  if (failed) throw stopped(generation.target, failed.error)
  const rowSnapshots = await readRowSnapshots(client, generation.id)
  return { snapshot, ahead: new Ahead(definition, changes), rowSnapshots }
}

async function servingOf(client: pg.ClientBase, target: string): Promise<Generation> {
  const generation = await servingGeneration(client, target)
  if (generation) return generation
  throw new TrifoldError(
    'VERIFY_IMPOSSIBLE',
    `verify: ${target} was never built; start \`trifold worker\`, or run \`trifold rebuild ${target}\``,
  )
}

async function cursorOf(client: pg.ClientBase, { id, target }: Generation): Promise<Cursor> {
  const found = await readCursor(client, id)
  if (found) return found.cursor
  throw new TrifoldError('VERIFY_IMPOSSIBLE', `verify: ${target} has no cursor; run \`trifold rebuild ${target}\``)
}

const stopped = (target: string, cause: Error): TrifoldError =>
  new TrifoldError('TARGET_STOPPED', `verify: ${target} cannot go on, so it cannot be verified: ${cause.message}`, {
    cause,
  })
