import type pg from 'pg'
import type { Projector } from '../consumer/projector.ts'
import { openClient } from '../database.ts'
import { lockSources } from '../definition/at-snapshot.ts'
import { TrifoldError } from '../errors.ts'
import { eventsAhead } from '../feed/ahead.ts'
import type { EventFed, FrozenRows, TargetContext } from '../materializer.ts'
import { type Cursor, readCursor } from '../schema/consumers.ts'
import { type Generation, servingGeneration } from '../schema/generations.ts'
import { readRowSnapshots } from '../schema/row-snapshots.ts'
import { readSuspectKeys, type SuspectKeys } from '../schema/suspect-keys.ts'
import { currentSnapshot, type Snapshot } from '../snapshot.ts'
import { Ahead } from './ahead.ts'
import { changesAhead, recomputeIfParked } from './changes-ahead.ts'

/** More events than this are not looked at: the target is to catch up first. */
const mostAhead = 20_000

const wait = 'wait until it has caught up, and run it again'

/** Why a target cannot be compared at a snapshot, and what to do. */
const obstacles = {
  behind: `is more than 20,000 events behind; start \`trifold worker\`, ${wait}`,
  unknownKeys: `is before an event that it will park and whose keys are unknown; start \`trifold worker\`, ${wait}`,
  replaced: 'was rebuilt while its rows were about to be read, again and again; run it again',
} as const

export type Obstacle = (typeof obstacles)[keyof typeof obstacles]

/** Both sides of an event-fed target at one snapshot, for as many key ranges as are compared at it. */
export interface Sitting {
  client: pg.ClientBase
  generation: Generation
  snapshot: Snapshot
  ahead: Ahead
  /** The snapshots at which keys were recomputed, by key text; of a store in PostgreSQL. */
  rowSnapshots: ReadonlyMap<string, Snapshot>
  /** Keys whose rows are known not to be right yet: a parked event may have changed them. */
  suspects: SuspectKeys
  /** The rows of a store outside of PostgreSQL. */
  frozen: FrozenRows | undefined
  close(): Promise<void>
}

/**
 * Opens the two sides of a comparison. A store in PostgreSQL is read in the transaction that reads the definition: rows,
 * cursor and the events ahead of it are of one snapshot. One outside is frozen first, and the cursor is read before that:
 * whatever of the events behind the cursor it has already, its own ordinals tell.
 *
 * @param built a generation that was built; default the one that serves
 * @returns what is in the way now, if something is: try again
 * @throws TARGET_STOPPED if a handler fails at an event ahead
 */
export async function openSitting(
  materializer: EventFed,
  projector: Projector,
  built?: Generation,
): Promise<Sitting | Obstacle> {
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
    const generation = built ?? (await servingOf(client, context.target))
    const before = materializer.freeze && (await progressOf(client, generation))
    frozen = await materializer.freeze?.(generation)
    await client.query('begin isolation level repeatable read')
    await lockSources(client, generation.resolution)
    const isReplaced = !built && (await servingGeneration(client, context.target))?.id !== generation.id
    const sitting = isReplaced
      ? obstacles.replaced
      : await atSnapshot(client, context, { generation, before, projector })
    if (typeof sitting !== 'string') return { ...sitting, client, generation, frozen, close }
    await close()
    return sitting
  } catch (error) {
    await close()
    throw error
  }
}

/** How far a target has come. */
interface Progress {
  cursor: Cursor
  suspects: SuspectKeys
}

async function progressOf(client: pg.ClientBase, generation: Generation): Promise<Progress> {
  const cursor = await cursorOf(client, generation)
  return { cursor, suspects: await readSuspectKeys(client, generation.id) }
}

/** @param before of a store that was frozen before the snapshot: what was suspect then may be mended by now */
async function atSnapshot(
  client: pg.ClientBase,
  context: TargetContext,
  { generation, before, projector }: { generation: Generation; before: Progress | undefined; projector: Projector },
): Promise<Pick<Sitting, 'snapshot' | 'ahead' | 'rowSnapshots' | 'suspects'> | Obstacle> {
  const snapshot = await currentSnapshot(client)
  const { cursor, suspects } = before ?? (await progressOf(client, generation))
  const events = await eventsAhead(client, cursor, mostAhead)
  if (!events) return obstacles.behind
  const changes = await changesAhead(context, projector, events, generation)
  if (!changes) return obstacles.unknownKeys
  const rowSnapshots = await readRowSnapshots(client, generation.id)
  return {
    snapshot,
    ahead: new Ahead(context.definition, changes, recomputeIfParked(context)),
    rowSnapshots,
    suspects,
  }
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
