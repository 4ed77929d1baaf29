import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { ResolvedConfig, SearchAddress } from 'trifold/internal/config'
import { checkDatabase, openClient } from 'trifold/internal/database'
import { type Definition, describeDefinition } from 'trifold/internal/definition'
import { TrifoldError } from 'trifold/internal/errors'
import type { ReadModel, Targets } from 'trifold/internal/read-model'
import { keptGenerations } from 'trifold/internal/schema/generations'
import { temporaryReason } from './targets.ts'

/** How the targets of a comparison are configured, and why one is not among them. */
export interface ComparedTargets {
  targets: Targets
  /** What the names of the indexes begin with. */
  indexPrefix: string
  /** In sentences. */
  remarks: string[]
}

/** How often a view is refreshed whose configuration does not say it. */
const defaultEvery = '5s'

/**
 * All three targets of a read model, those that are not configured with defaults, as far as they can be run.
 *
 * @throws READ_MODEL_UNKNOWN, DATABASE_UNREACHABLE and what else an unfit database throws, DEFINITION_NOT_FOUND,
 * DEFINITION_INVALID, KEY_INVALID
 */
export async function comparedTargets(config: ResolvedConfig, readModel: string): Promise<ComparedTargets> {
  const model = modelNamed(config, readModel)
  const { definition, searchStands } = await look(config, readModel, model)
  const indexPrefix = searchStands ? config.indexPrefix : ownPrefix(config)
  const view = model.targets.view ?? {}
  const scheduled = view.every || view.lag || view.cron ? view : { ...view, every: defaultEvery as '5s' }
  if (Object.keys(model.on ?? {}).length === 0) {
    const remark = `${readModel}@table and ${readModel}@search were left out: they are fed by events, and ${readModel} has no handlers (\`on\`).`
    return { targets: { view: scheduled }, indexPrefix, remarks: [remark] }
  }
  const inPostgres: Targets = { table: model.targets.table ?? {}, view: scheduled }
  if (!config.search) return { targets: inPostgres, indexPrefix, remarks: [withoutSearch(readModel)] }
  const search = model.targets.search ?? { text: textColumns(definition) }
  return { targets: { ...inPostgres, search }, indexPrefix, remarks: [] }
}

/** The configuration of a comparison: this read model alone, with these targets. */
export function comparisonConfig(
  config: ResolvedConfig,
  readModel: string,
  targets: Targets,
  addresses: Partial<Addresses> = {},
): ResolvedConfig {
  const model = modelNamed(config, readModel)
  return { ...config, ...addresses, readModels: { [readModel]: { ...model, targets } } }
}

/** Where the engines are, and what tells the indexes of one installation from those of others. */
export interface Addresses {
  database: string
  search: SearchAddress | undefined
  indexPrefix: string
}

function modelNamed(config: ResolvedConfig, readModel: string): ReadModel {
  const model = config.readModels[readModel]
  if (model) return model
  const known = Object.keys(config.readModels).join(', ') || 'none'
  throw new TrifoldError('READ_MODEL_UNKNOWN', `config: there is no read model ${readModel} (configured: ${known})`)
}

/** An alias of the configured name may belong to the database of which this one is a copy: it is left alone. */
const ownPrefix = ({ indexPrefix }: ResolvedConfig): string =>
  `${indexPrefix}compare-${randomBytes(3).toString('hex')}-`

async function look(
  config: ResolvedConfig,
  readModel: string,
  model: ReadModel,
): Promise<{ definition: Definition; searchStands: boolean }> {
  await checkDatabase(config.database)
  const client = await openClient(config.database, { name: 'compare' })
  try {
    const definition = await describeDefinition(client, config.viewsFolder, readModel, model)
    return { definition, searchStands: await exists(client, `${readModel}@search`) }
  } finally {
    await client.end()
  }
}

/** One that was built for a comparison is none. */
async function exists(client: pg.ClientBase, target: string): Promise<boolean> {
  const kept = await keptGenerations(client, target)
  return kept.some(({ state, reason }) => state === 'serving' && reason !== temporaryReason)
}

const textColumns = ({ columns }: Definition): string[] =>
  columns.filter(({ encoding }) => encoding.pgType === 'text').map(({ name }) => name)

const withoutSearch = (readModel: string): string =>
  `${readModel}@search was left out: no address of OpenSearch is known (set \`search\` or OPENSEARCH_URL to compare it too).`
