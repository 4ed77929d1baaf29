import type { Client } from '@opensearch-project/opensearch'
import { compareDefinition } from '../../drift.ts'
import { isTrifoldError, TrifoldError } from '../../errors.ts'
import type { Prepared, StorageProblem, StorageStatus, Store, TargetContext } from '../../materializer.ts'
import { indexReader, type ReadIndex } from '../../query/search.ts'
import { searchedColumns } from '../../read-model/text-column.ts'
import { whileRebuilding } from '../../rebuild/lock.ts'
import { appliedPlace } from '../../schema/consumers.ts'
import { servingGeneration } from '../../schema/generations.ts'
import { targetNamed } from '../../target.ts'
import { adoptIndexes } from './adopt.ts'
import { indexBuild } from './build.ts'
import { excessOf } from './excess.ts'
import { freezeIndex } from './frozen.ts'
import { hasForm, indexExists, serveIndex } from './index-admin.ts'
import { indexStats } from './index-content.ts'
import { foreignIndex, indexDamage, indexProblem, isServed } from './index-health.ts'
import type { IndexNames } from './index-names.ts'
import { indexSettings } from './mapping.ts'
import { ownReader } from './own-reader.ts'
import { checkSearchTarget } from './own-search.ts'
import { dropOwnIndex, refuseForeignIndexes } from './owner.ts'
import { makeSearchable } from './searchable.ts'

/** Rows in an OpenSearch index: full text and analytics. */
export function indexStore(client: Client, names: IndexNames, context: TargetContext): Store {
  const source: ReadIndex = {
    index: names.publicAlias,
    definition: context.definition,
    target: context.target,
    text: searchedColumns(context.model.targets.search),
    rules: context.model.targets.search,
    alternatives: otherTargets(context),
  }
  return {
    context,
    features: { fullText: true, transactional: false, namedInSql: false },
    settings: indexSettings(context.model.targets.search),
    prepare: () => prepareIndex(client, names, context),
    build: (options) => indexBuild(client, names, context, options),
    drop: (database, index) => dropOwnIndex(client, database, index).then(() => true),
    async makeSearchable() {
      const applied = await appliedPlace(context.pool, context.target)
      if (applied) await makeSearchable(client, context.pool, applied)
    },
    ...ownReader(indexReader(client, source), () => refuseForeignIndexes(client, names, context)),
    adopt: () => adoptIndexes(client, names, context),
    damage: (generation) => indexDamage(client, generation),
    excess: async ({ storage }) => excessOf(await indexStats(client, storage)),
    freeze: (generation) => freezeIndex(client, generation.storage, source),
    status: (pool) => indexStatus(client, names, context, pool),
    close: () => client.close(),
  }
}

/**
 * The generation that serves, with the public alias put right if a crash left it behind.
 *
 * @throws CONFIG_INVALID if the index was built with another prefix: two configurations would rebuild it in turns;
 * INDEX_OWNED if an index of its names is another database's
 */
async function prepareIndex(client: Client, names: IndexNames, context: TargetContext): Promise<Prepared> {
  checkSearchTarget(context.definition, context.model.targets.search)
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { state: 'unfit', reason: 'no generation' }
  const foreign = foreignIndex(names, generation.storage)
  if (foreign) throw new TrifoldError('CONFIG_INVALID', `config: ${context.target}: ${foreign}`)
  await refuseForeignIndexes(client, names, context)
  const newer = await compareDefinition(context.pool, generation, context.definition)
  if (newer) return { state: 'unfit', reason: newer }
  if (!(await indexExists(client, generation.storage))) {
    return { state: 'unfit', reason: `the index ${generation.storage} is missing` }
  }
  if (!(await hasForm(client, generation.storage))) {
    return { state: 'unfit', reason: `the index ${generation.storage} was built by another version of Trifold` }
  }
  if (!(await isServed(client, names, generation.storage))) await mendAlias(client, names, context)
  return { state: 'ready', generation }
}

/** Not while a rebuild is about to serve the next index: its alias moves ahead of its commit. */
async function mendAlias(
  client: Client,
  names: IndexNames,
  { databaseUrl, target, pool }: TargetContext,
): Promise<void> {
  await whileRebuilding(databaseUrl, target, async () => {
    const serving = await servingGeneration(pool, target)
    if (serving) await serveIndex(client, names, serving.storage)
  })
}

async function indexStatus(
  client: Client,
  names: IndexNames,
  context: TargetContext,
  pool = context.pool,
): Promise<StorageStatus> {
  const generation = await servingGeneration(pool, context.target)
  const owned = await refuseForeignIndexes(client, names, context).catch(problemOf)
  if (!generation || owned)
    return { storage: generation?.storage, rows: undefined, sizeBytes: undefined, problem: owned || undefined }
  const { storage } = generation
  const problem = await indexProblem(client, names, generation)
  if (problem?.verdict === 'red') return { storage, rows: undefined, sizeBytes: undefined, problem }
  const { documents, tombstones, bytes } = await indexStats(client, storage)
  return { storage, rows: documents, tombstones, sizeBytes: bytes, problem }
}

function problemOf(error: unknown): StorageProblem {
  if (isTrifoldError(error, 'INDEX_OWNED')) return { verdict: 'red', reason: error.message }
  throw error
}

const otherTargets = ({ name, model }: TargetContext): string[] =>
  (['table', 'view'] as const).filter((other) => model.targets[other]).map((other) => targetNamed(name, other))
