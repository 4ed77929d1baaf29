import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import type { SearchAddress } from '../config.ts'
import { newerDefinition } from '../drift.ts'
import { raiseEra, storedEra } from '../era.ts'
import { TrifoldError } from '../errors.ts'
import type { Page } from '../feed.ts'
import { servingGeneration } from '../generation.ts'
import type { Lease } from '../lease.ts'
import type { Applied, Materializer, Prepared, StorageStatus, TargetContext } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { openSearchClient } from '../opensearch/client.ts'
import { indexReader, type ReadIndex } from '../query/search.ts'
import { whileFilling } from '../rebuild/lock.ts'
import { milliseconds } from '../span.ts'
import { SearchApply } from './search/apply.ts'
import { fillIndex } from './search/fill.ts'
import { indexExists, isServed, serveIndex } from './search/index-admin.ts'
import { indexStats } from './search/index-content.ts'
import { type IndexNames, indexNames } from './search/index-names.ts'
import { judgeIndex, type Place } from './search/index-state.ts'
import { type Applying, makeSearchable, Searchable } from './search/searchable.ts'
import { largestEpoch } from './search/version.ts'

const defaultIndexRefresh = 100

/** Each page costs the engine three requests and two syncs of its log; more pages in an interval do not show earlier. */
const pagesPerRefresh = 2

/** What writes an index under one lease. */
interface OwnedIndex {
  lease: Lease
  apply: SearchApply
  searchable: Searchable
}

/**
 * Keeps a read model in an OpenSearch index, fed by events: full text and analytics, searchable after an index refresh
 * that it issues itself.
 */
export function createSearchMaterializer(
  context: TargetContext,
  address: SearchAddress,
  indexPrefix: string,
): Materializer {
  const client = openSearchClient(address)
  const names = indexNames(indexPrefix, context.name)
  const source: ReadIndex = {
    index: names.publicAlias,
    definition: context.definition,
    target: context.target,
    text: context.model.targets.search?.text ?? [],
    alternatives: otherTargets(context),
  }
  const interval =
    milliseconds(context.model.targets.search?.indexRefresh ?? defaultIndexRefresh) ?? defaultIndexRefresh
  const owned = new Map<string, OwnedIndex>() // by generation: the next may catch up while one serves
  let closed: Promise<void> | undefined

  return {
    context,
    features: { fedBy: 'events', fullText: true, transactional: false },
    pace: interval / pagesPerRefresh,
    prepare: () => prepareIndex(client, names, context),

    async begin(lease, database) {
      if (lease.epoch > largestEpoch) return `its epoch has reached ${lease.epoch}, the largest that a version can hold`
      const era = await storedEra(database)
      const judgement = await judgeIndex(client, database, lease.generation.storage, { ...lease, era })
      if (judgement.kind === 'lost') throw leaseLost(context)
      if (judgement.kind === 'unfit') {
        // Commit tokens of the history that was lost must not be taken for tokens of this one.
        if (judgement.branchOf !== undefined) await raiseEra(database, judgement.branchOf)
        return judgement.reason
      }
      if (judgement.rewind) await rewind(database, lease, judgement.rewind)
      const searchable = new Searchable(client, context.pool, interval, lease)
      owned.get(lease.generation.id)?.searchable.end()
      const apply = new SearchApply(client, context, lease, judgement.owned)
      owned.set(lease.generation.id, { lease, apply, searchable })
      searchable.applied(0)
      return undefined
    },

    async apply(page: Page, changes: Changes, lease: Lease, database: pg.ClientBase): Promise<Applied> {
      const own = owned.get(lease.generation.id)
      if (own?.lease !== lease) throw leaseLost(context)
      const { apply, searchable } = own
      const applied = await apply.apply(page, changes, database)
      if (applied.kind === 'applied') searchable.applied(applied.written)
      else {
        searchable.end()
        if (owned.get(lease.generation.id) === own) owned.delete(lease.generation.id)
      }
      return applied
    },

    fill: (options, lease) => fillIndex(client, names, context, options, lease),

    async refresh() {
      const started = Date.now()
      const applied = await appliedPlace(context)
      if (applied) await makeSearchable(client, context.pool, applied)
      return { outcome: 'refreshed', milliseconds: Date.now() - started, snapshot: undefined, rows: undefined }
    },

    ...indexReader(client, source),
    status: () => indexStatus(client, context),

    close() {
      const [newest, ...older] = [...owned.values()].reverse()
      for (const { searchable } of older) searchable.end()
      closed ??= Promise.resolve(newest?.searchable.settle()).then(() => client.close())
      return closed
    },
  }
}

/** The generation that serves, with the public alias put right where a crash left it behind. */
async function prepareIndex(client: Client, names: IndexNames, context: TargetContext): Promise<Prepared> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { state: 'unfit', reason: 'no generation' }
  const newer = newerDefinition(generation, context.definition)
  if (newer) return { state: 'unfit', reason: newer }
  if (!(await indexExists(client, generation.storage))) {
    return { state: 'unfit', reason: `the index ${generation.storage} is missing` }
  }
  if (!(await isServed(client, names, generation.storage))) await mendAlias(client, names, context)
  return { state: 'ready', generation }
}

/** Not while a fill is about to serve the next index: its alias moves ahead of its commit. */
async function mendAlias(
  client: Client,
  names: IndexNames,
  { databaseUrl, target, pool }: TargetContext,
): Promise<void> {
  await whileFilling(databaseUrl, target, async () => {
    const serving = await servingGeneration(pool, target)
    if (serving) await serveIndex(client, names, serving.storage)
  })
}

/**
 * Back to the start of the window in which the index ends: what it has already is recognised by its numbers, or written
 * again from there, so what readers were promised to see ends there too.
 */
async function rewind(database: pg.ClientBase, lease: Lease, { window }: Place): Promise<void> {
  const { rows } = await database.query(
    `update trifold.consumers
    set
      window_id = windows.id,
      position = null,
      number = windows.first_number + windows.event_count - 1,
      version = version + 1,
      searchable_window = case
        when searchable_window > windows.id then windows.id
        else searchable_window
      end,
      searchable_snapshot = case
        when searchable_window > windows.id then windows.snapshot
        else searchable_snapshot
      end
    from trifold.windows
    where generation_id = $1
      and epoch = $2
      and version = $3
      and windows.id = $4
    returning windows.id, number, version`,
    [lease.generation.id, lease.epoch, lease.version, window],
  )
  if (!rows[0])
    throw new TrifoldError('LEASE_LOST', `search: ${lease.generation.target} could not go back to window ${window}`)
  lease.version = Number(rows[0].version)
  lease.cursor = { era: lease.cursor.era, window, position: undefined, number: Number(rows[0].number) }
}

/** How far the consumer has come, whichever process runs it. */
async function appliedPlace(context: TargetContext): Promise<Applying | undefined> {
  const { rows } = await context.pool.query(
    `select storage, consumers.generation_id, consumers.epoch, consumers.window_id
    from trifold.generations
    join trifold.consumers on consumers.generation_id = generations.id
    where target = $1
      and state = 'serving'`,
    [context.target],
  )
  const [row] = rows
  if (!row) return undefined
  const generation = { id: row.generation_id, storage: row.storage }
  return { generation, epoch: Number(row.epoch), cursor: { window: Number(row.window_id) } }
}

async function indexStatus(client: Client, context: TargetContext): Promise<StorageStatus> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation || !(await indexExists(client, generation.storage))) {
    return { storage: generation?.storage, rows: undefined, sizeBytes: undefined }
  }
  const { documents, bytes } = await indexStats(client, generation.storage)
  return { storage: generation.storage, rows: documents, sizeBytes: bytes }
}

const otherTargets = ({ name, model }: TargetContext): string[] =>
  (['table', 'view'] as const).filter((other) => model.targets[other]).map((other) => `${name}@${other}`)

const leaseLost = (context: TargetContext): TrifoldError =>
  new TrifoldError('LEASE_LOST', `search: another consumer has taken ${context.target}; this one gives up its lease`)
