import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { inTransaction, openClient } from '../../database.ts'
import { keyText } from '../../definition/key.ts'
import { columnList, decodeRow, keyOf, type Part } from '../../definition/rows.ts'
import { checkKey, definitionSource } from '../../definition.ts'
import { faultPoint } from '../../fault.ts'
import { tick } from '../../feed/tick.ts'
import type { Build, BuildOptions, RangeBuild } from '../../generation/build.ts'
import { buildEpoch } from '../../lease/consumer-row.ts'
import type { TargetContext } from '../../materializer.ts'
import { refuseOtherEngine } from '../../opensearch/client.ts'
import { searchedColumns } from '../../read-model/text-column.ts'
import { type Generation, servingGeneration } from '../../schema/generations.ts'
import { readIdentity } from '../../schema/history.ts'
import { lastOrdinal, type Window } from '../../schema/windows.ts'
import { BulkWriter, type DocumentWrite } from './bulk.ts'
import { createIndex, listGenerations, serveIndex, setReplicas } from './index-admin.ts'
import { refreshIndex } from './index-content.ts'
import { indexIdentity } from './index-health.ts'
import { type IndexNames, writeAlias } from './index-names.ts'
import type { IndexState } from './index-state.ts'
import { type IndexBody, indexBody, indexColumns } from './mapping.ts'
import { checkSearchTarget, ownFault } from './own-search.ts'
import { type Owner, ownerOf, refuseForeignIndexes } from './owner.ts'
import { writeState } from './state-document.ts'
import { documentWrite } from './write.ts'

const rowsPerFetch = 5_000

/** Builds an index: the state document comes first, and names a window that was stored after the snapshot of the rows. */
export function indexBuild(client: Client, names: IndexNames, context: TargetContext, options: BuildOptions): Build {
  return {
    run: (work) => withConnection(context, work),
    check: async () => checkSearchTarget(context.definition, context.model.targets.search), // keys are, where rows are read
    storageOf: (number) => names.index(number),
    async greatestNumber() {
      await refuseForeignIndexes(client, names, context)
      const known = await listGenerations(client, names)
      return Math.max(0, ...known.map(({ generation }) => generation))
    },
    async create(database, { storage }) {
      await refuseOtherEngine(client)
      const body = bodyOf(context, ownerOf(await readIdentity(database)))
      await createIndex(client, storage, body).catch((error) => {
        throw ownFault(error, context.definition, context.model.targets.search)
      })
    },
    async copy(database, generation, { window }) {
      await checkKey(database, context.definition)
      await nameLaterWindow(client, context, generation, window)
      await copyDocuments(client, context, generation, database, lastOrdinal(window), options)
      await setReplicas(client, generation.storage, replicasOf(context))
      return undefined
    },
    ranges: indexRanges(client, context, options),
    identityOf: ({ storage }) => indexIdentity(client, storage),
    makeReadable: ({ storage }) => refreshIndex(client, storage),
    async publish(database, generation, commit) {
      await refuseForeignIndexes(client, names, context) // they may be another's since the build began
      await publishIndex(context, database, generation, commit, (index) => serveIndex(client, names, index))
    },
  }
}

async function withConnection<T>(context: TargetContext, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = await openClient(context.databaseUrl, { name: `rebuild ${context.target}` })
  try {
    return await work(database)
  } finally {
    await database.end()
  }
}

function bodyOf({ definition, model }: TargetContext, owner: Owner): IndexBody {
  const { shards, ...search } = model.targets.search ?? {}
  return indexBody(indexColumns(definition), {
    owner,
    text: searchedColumns(search),
    own: search,
    ...(shards && { shards }),
  })
}

async function copyDocuments(
  client: Client,
  context: TargetContext,
  { storage }: Generation,
  database: pg.ClientBase,
  number: number,
  { onProgress, signal }: BuildOptions,
): Promise<void> {
  // The transaction idles while the engine writes, and only reads: nobody waits for it.
  await database.query(`set local idle_in_transaction_session_timeout = '10min'`)
  const bulk = new BulkWriter(client, {
    index: writeAlias(storage),
    inFlight: 3,
    ...(onProgress && { onProgress: ({ indexed }) => onProgress(indexed, undefined) }),
  })
  await bulk.write(documentsOf(database, context, number, signal), signal)
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
      owner: ownerOf(await readIdentity(connection)),
      era: start.era,
      epoch: buildEpoch,
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

/**
 * The rows of a range come here, and are written once the transaction has ended: however slow the engine is, no snapshot is
 * held for it. The window that is named last was stored after all their snapshots. Which documents an interrupted build has
 * written nobody can tell, so it begins again.
 */
function indexRanges(client: Client, context: TargetContext, { signal }: BuildOptions): RangeBuild {
  let start: Window | undefined
  return {
    async begin(_database, generation, window) {
      start = window
      await nameLaterWindow(client, context, generation, window)
    },
    async copy(database, { storage }, part) {
      await checkKey(database, context.definition, part)
      const documents: DocumentWrite[] = []
      const ordinal = lastOrdinal(start as Window)
      for await (const document of documentsOf(database, context, ordinal, signal, part)) documents.push(document)
      const bulk = new BulkWriter(client, { index: writeAlias(storage), inFlight: 3 })
      return { rows: documents.length, write: async () => void (await bulk.write(documents, signal)) }
    },
    async finish(_database, generation) {
      await nameLaterWindow(client, context, generation, start as Window)
      await setReplicas(client, generation.storage, replicasOf(context))
    },
  }
}

const replicasOf = ({ model }: TargetContext): number => model.targets.search?.replicas ?? 0

async function* documentsOf(
  database: pg.ClientBase,
  { definition }: TargetContext,
  ordinal: number,
  signal: AbortSignal | undefined,
  { condition, values }: Part = { condition: 'true', values: [] },
): AsyncGenerator<DocumentWrite> {
  await database.query(
    `declare definition_rows no scroll cursor for
    select ${columnList(definition)}
    from ${definitionSource(definition)} as definition
    where ${condition}`,
    [...values],
  )
  for (;;) {
    signal?.throwIfAborted()
    const { rows } = await database.query(`fetch ${rowsPerFetch} from definition_rows`)
    for (const raw of rows) {
      const row = decodeRow(definition, raw)
      const key = keyText(definition.key, keyOf(definition, row))
      yield documentWrite(definition, key, buildEpoch, { row, ordinal, snapshot: undefined })
    }
    if (rows.length < rowsPerFetch) break
  }
  await database.query('close definition_rows') // another part may follow in the transaction
}

/**
 * The alias moves ahead of the commit, so that a commit token is never promised too early; if the commit fails it moves
 * back, and if the process ends in between `prepare` does that.
 */
async function publishIndex(
  { target, pool }: TargetContext,
  database: pg.ClientBase,
  { storage }: Generation,
  commit: () => Promise<void>,
  point: (index: string) => Promise<void>,
): Promise<void> {
  await point(storage)
  await faultPoint('search:alias-moved')
  try {
    await inTransaction(database, commit)
  } catch (error) {
    const serving = await servingGeneration(pool, target)
    if (serving) await point(serving.storage)
    throw error
  }
}
