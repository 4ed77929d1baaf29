import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { inTransaction, openClient } from '../../database.ts'
import { keyText } from '../../definition/key.ts'
import { columnList, decodeRow, keyOf } from '../../definition/rows.ts'
import { checkKey } from '../../definition.ts'
import { faultPoint } from '../../fault.ts'
import { currentSnapshot, type Snapshot } from '../../feed/snapshot.ts'
import { tick } from '../../feed/tick.ts'
import { lastWindow } from '../../feed/window.ts'
import { lastNumber, type Window } from '../../feed.ts'
import {
  beginGeneration,
  completeFill,
  dropRetired,
  type Generation,
  serveGeneration,
  servingGeneration,
} from '../../generation.ts'
import { beginConsumer, endConsumer, fillEpoch, refuseOvertaken } from '../../lease/consumer-row.ts'
import type { Lease } from '../../lease.ts'
import type { FillOptions, TargetContext } from '../../materializer.ts'
import { type Standing, standing, takeOver } from '../../rebuild/cut-over.ts'
import { BulkWriter, type DocumentWrite } from './bulk.ts'
import { createIndex, dropIndex, listGenerations, serveIndex, setReplicas } from './index-admin.ts'
import { refreshIndex } from './index-content.ts'
import { type IndexNames, writeAlias } from './index-names.ts'
import type { IndexState } from './index-state.ts'
import { indexBody } from './mapping.ts'
import { writeState } from './state-document.ts'
import { documentWrite } from './write.ts'

const rowsPerFetch = 5_000

/**
 * Builds the next index of a target from the definition at one snapshot, and serves it by compare-and-set on the epoch.
 * A fill that was interrupted is never continued: its index is dropped, and nobody ever read it.
 */
export async function fillIndex(
  client: Client,
  names: IndexNames,
  context: TargetContext,
  options: FillOptions,
  lease: Lease | undefined,
): Promise<Generation> {
  const database = await openClient(context.databaseUrl, { name: `fill ${context.target}` })
  try {
    await checkKey(database, context.definition)
    await dropRetired(database, context.target, (index) => dropIndex(client, index).then(() => true))
    const before = await standing(database, context.target)
    const begun = await beginIndex(client, names, context, options, database)
    await faultPoint('fill:created')
    const filled = await fillAtOneSnapshot(client, context, begun, options, database)
    const generation = await inTransaction(database, async () => {
      await beginConsumer(database, begun, filled.window, context.model.version ?? 1)
      return completeFill(database, begun, filled)
    })
    await faultPoint('fill:written')
    await refreshIndex(client, generation.storage)
    await setReplicas(client, generation.storage, context.model.targets.search?.replicas ?? 0)
    await takeOver(database, { before, lease }, options.catchUp?.(generation), async (held) => {
      await refreshIndex(client, generation.storage) // what was caught up; the refresh before took the time
      await serve(database, context, generation, { before, lease: held }, (index) => serveIndex(client, names, index))
    })
    await faultPoint('fill:served')
    await dropRetired(database, context.target, (index) => dropIndex(client, index).then(() => true))
    return (await servingGeneration(database, context.target)) ?? generation
  } finally {
    await database.end()
  }
}

/** The number of the index is above every one that the cluster has: the database may have forgotten some. */
async function beginIndex(
  client: Client,
  names: IndexNames,
  context: TargetContext,
  options: FillOptions,
  database: pg.ClientBase,
): Promise<Generation> {
  const standing = await listGenerations(client, names)
  const above = Math.max(0, ...standing.map(({ generation }) => generation))
  const storageOf = (number: number) => names.index(number)
  const generation = await beginGeneration(
    database,
    context.target,
    context.definition,
    options.reason,
    storageOf,
    above,
  )
  const columns = context.definition.columns.map(({ name, encoding }) => ({ name, mapping: encoding.mapping }))
  const { text, shards } = context.model.targets.search ?? {}
  await createIndex(
    client,
    generation.storage,
    indexBody(columns, { ...(text && { text }), ...(shards && { shards }) }),
  )
  return generation
}

/** The state document comes first: it names a window that was stored after the snapshot of the rows. */
async function fillAtOneSnapshot(
  client: Client,
  context: TargetContext,
  generation: Generation,
  options: FillOptions,
  database: pg.ClientBase,
): Promise<{ snapshot: Snapshot; window: Window }> {
  return inTransaction(
    database,
    async () => {
      const snapshot = await currentSnapshot(database)
      const window = await lastWindow(database)
      await nameLaterWindow(client, context, generation, window)
      const documents = documentsOf(database, context, lastNumber(window), options.signal)
      const bulk = new BulkWriter(client, {
        index: writeAlias(generation.storage),
        inFlight: 3,
        onProgress: ({ indexed }) => options.onProgress?.(indexed, undefined),
      })
      await bulk.write(documents, options.signal)
      return { snapshot, window }
    },
    'repeatable read read only',
  )
}

async function nameLaterWindow(
  client: Client,
  context: TargetContext,
  generation: Generation,
  start: Window,
): Promise<void> {
  const connection = await context.pool.connect()
  try {
    const later = (await tick(connection, { evenIfEmpty: true })).window
    const place = { window: start.id, position: 0 }
    const state: IndexState = {
      era: start.era,
      epoch: fillEpoch,
      window: later.id,
      nonce: later.nonce,
      intended: place,
      applied: place,
    }
    await writeState(client, generation.storage, state)
  } finally {
    connection.release()
  }
}

async function* documentsOf(
  database: pg.ClientBase,
  { definition }: TargetContext,
  number: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<DocumentWrite> {
  await database.query(
    `declare definition_rows no scroll cursor for
    select ${columnList(definition)}
    from (\n${definition.sql}\n) as definition`,
  )
  for (;;) {
    signal?.throwIfAborted()
    const { rows } = await database.query(`fetch ${rowsPerFetch} from definition_rows`)
    for (const raw of rows) {
      const row = decodeRow(definition.columns, raw)
      const key = keyText(definition.key, keyOf(definition, row))
      yield documentWrite(key, fillEpoch, { row, number, snapshot: undefined })
    }
    if (rows.length < rowsPerFetch) return
  }
}

/**
 * The alias moves ahead of the commit, so that a commit token is never promised too early; where the commit fails it
 * moves back, and where the process ends in between `prepare` does that.
 */
async function serve(
  database: pg.ClientBase,
  { target, pool }: TargetContext,
  generation: Generation,
  { before, lease }: { before: Standing | undefined; lease: Lease | undefined },
  point: (index: string) => Promise<void>,
): Promise<void> {
  await refuseOvertaken(database, target, before?.generation, lease)
  await point(generation.storage)
  await faultPoint('fill:named')
  try {
    await inTransaction(database, async () => {
      await endConsumer(database, target, before?.generation, lease)
      await serveGeneration(database, generation)
    })
  } catch (error) {
    const serving = await servingGeneration(pool, target)
    if (serving) await point(serving.storage)
    throw error
  }
}
