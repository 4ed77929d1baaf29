import { randomBytes } from 'node:crypto'
import type { ResolvedConfig } from '../config.ts'
import { openClient, openPool } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import { inThousands } from '../operator/figures.ts'
import { quoteIdent, sqlState } from '../sql.ts'
import type { GrowthComparison } from './comparison.ts'
import { growthOf } from './growth.ts'
import { checkLoad } from './limits.ts'
import { loadWorkload, type Workload } from './load/workload.ts'
import { productionSigns, refuseProduction } from './production.ts'
import { type CompareOptions, compare } from './run.ts'

/** A comparison that is repeated at several sizes. */
export interface GrowOptions extends CompareOptions {
  /** Sizes to which the workload's `grow` fills the write model, each in a database of its own. */
  sizes: readonly number[]
  /** Another seed gives other data; default 1. */
  seed?: number | undefined
}

const defaultSeconds = 15

type Growing = Required<Pick<Workload, 'prepare' | 'grow'>>

/**
 * The same comparison on generated data of several sizes. Each size has a database and index names of its own on the
 * configured engines, which are gone afterwards; the application's own data is not read.
 *
 * @throws COMPARE_WORKLOAD where the workload cannot make data, PRIVILEGE_MISSING where the role may not create databases,
 * and what `compare` throws
 */
export async function compareGrowth(
  config: ResolvedConfig,
  readModel: string,
  options: GrowOptions,
): Promise<GrowthComparison> {
  const seconds = options.seconds ?? defaultSeconds
  checkLoad({ rate: options.rate ?? 20, seconds }, options.yes ?? false)
  const growing = await growingWorkload(options.workload ?? config.workloadFile)
  if (!options.yes) await refuseServer(config)
  const sizes: GrowthComparison['sizes'] = []
  for (const size of options.sizes.toSorted((a, b) => a - b)) {
    options.signal?.throwIfAborted()
    const comparison = await inScratch(config.database, async (database, name) => {
      options.progress?.phase?.(`making ${inThousands(size)} rows in the database ${name}`)
      await fillDatabase(growing, database, size, options)
      const indexPrefix = `${config.indexPrefix}${name.replaceAll('_', '-')}-`
      return compare({ ...config, database, indexPrefix }, readModel, { ...options, seconds, yes: true })
    })
    sizes.push({ size, comparison })
  }
  return { readModel, sizes, ...growthOf(sizes) }
}

async function growingWorkload(file: string | undefined): Promise<Growing> {
  const workload = file === undefined ? undefined : await loadWorkload(file)
  const { prepare, grow } = workload ?? {}
  if (prepare && grow) return { prepare: prepare.bind(workload), grow: grow.bind(workload) }
  throw new TrifoldError(
    'COMPARE_WORKLOAD',
    `compare: --grow needs a workload with \`prepare\` and \`grow\`, which make the write model's schema and fill it${file ? `; ${file} lacks one of them` : ' (--workload FILE)'}`,
  )
}

async function refuseServer(config: ResolvedConfig): Promise<void> {
  const pool = openPool(config.database, { name: 'compare', max: 1 })
  try {
    refuseProduction(await productionSigns(pool, config))
  } finally {
    await pool.end()
  }
}

async function fillDatabase(
  { prepare, grow }: Growing,
  database: string,
  size: number,
  { seed = 1, progress }: GrowOptions,
): Promise<void> {
  await migrate(database)
  await prepare(database)
  const onProgress = (rows: number) => progress?.update?.(`${inThousands(rows)} of ${inThousands(size)} rows`)
  await grow(database, size, { seed, onProgress })
}

/** Runs `work` in a new database beside the configured one, and drops it. */
async function inScratch<T>(databaseUrl: string, work: (url: string, name: string) => Promise<T>): Promise<T> {
  const name = `trifold_compare_${randomBytes(4).toString('hex')}`
  await onServer(databaseUrl, `create database ${quoteIdent(name)}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  try {
    return await work(url.toString(), name)
  } finally {
    await onServer(databaseUrl, `drop database if exists ${quoteIdent(name)} with (force)`)
  }
}

async function onServer(databaseUrl: string, statement: string): Promise<void> {
  const client = await openClient(databaseUrl, { name: 'compare' })
  try {
    await client.query(statement)
  } catch (cause) {
    if (sqlState(cause) !== '42501') throw cause
    throw new TrifoldError(
      'PRIVILEGE_MISSING',
      'compare: --grow makes a database for each size, and the role may not create databases; give it CREATEDB, or ' +
        'name another role in DATABASE_URL',
      { cause },
    )
  } finally {
    await client.end()
  }
}
