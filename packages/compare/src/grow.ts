import type { ResolvedConfig } from 'trifold/internal/config'
import { openPool } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import { inThousands } from 'trifold/internal/operator/figures'
import type { GrowthComparison } from './comparison.ts'
import { comparisonConfig } from './configuration.ts'
import { fillDatabase, growingWorkload } from './growth/fill.ts'
import { inScratch } from './growth/scratch.ts'
import { growthOf } from './growth.ts'
import { checkLoad } from './limits.ts'
import { productionSigns, refuseProduction } from './production.ts'
import { type CompareOptions, compare } from './run.ts'

/** A comparison that is repeated at several sizes. */
export interface GrowOptions extends CompareOptions {
  /** Sizes to which the workload's `grow` fills the write model, each in its own database. */
  sizes: readonly number[]
  /** Another seed gives other data; default 1. */
  seed?: number | undefined
}

const defaultSeconds = 15

/** More rows than these take hours to make, and disks that are not there. */
const mostRows = 10_000_000

/**
 * The same comparison on generated data of several sizes. Each size has its own database and index names on the
 * configured engines, which are gone afterwards; the application's own data is not read.
 *
 * @throws READ_MODEL_UNKNOWN, COMPARE_WORKLOAD if the workload cannot make data, COMPARE_REPLAY, PRIVILEGE_MISSING
 * if the role may not create databases, and what `compare` throws
 */
export async function compareGrowth(
  config: ResolvedConfig,
  readModel: string,
  options: GrowOptions,
): Promise<GrowthComparison> {
  const seconds = options.seconds ?? defaultSeconds
  checkLoad({ rate: options.rate ?? 20, seconds }, options.yes ?? false)
  const wanted = checkedSizes(options)
  comparisonConfig(config, readModel, {}) // throws for an unknown read model before any data is made
  const growing = await growingWorkload(options.workload ?? config.workloadFile)
  if (!options.yes) await refuseServer(config)
  const sizes: GrowthComparison['sizes'] = []
  for (const size of wanted) {
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

/** Each once, the smallest first. */
function checkedSizes({ sizes, replay, yes }: GrowOptions): number[] {
  if (replay) {
    throw new TrifoldError(
      'COMPARE_REPLAY',
      'compare: generated data has no past events to append again; --grow needs a workload',
    )
  }
  const sorted = [...new Set(sizes)].sort((a, b) => a - b)
  const refused = (reason: string) => new TrifoldError('COMPARE_LOAD', `compare: ${reason}`)
  if (sorted.length === 0 || !sorted.every((size) => Number.isSafeInteger(size) && size > 0))
    throw refused('the sizes of --grow are whole numbers above 0, such as 10k,100k,1M')
  const most = sorted.at(-1)!
  if (most > mostRows && !yes)
    throw refused(`${inThousands(most)} rows are more than ${inThousands(mostRows)}; add --yes if you mean it`)
  return sorted
}

async function refuseServer(config: ResolvedConfig): Promise<void> {
  const pool = openPool(config.database, { name: 'compare', max: 1 })
  try {
    refuseProduction(await productionSigns(pool, config))
  } finally {
    await pool.end()
  }
}
