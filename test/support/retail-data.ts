import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The "Online Retail" data set: TRIFOLD_RETAIL_CSV, or where it lies beside the repository. */
export const retailFile =
  process.env.TRIFOLD_RETAIL_CSV ?? fileURLToPath(new URL('../../../shared/data/online-retail.csv.gz', import.meta.url))

/** Why there is no data set, or an empty string where there is one. */
export const retailMissing = existsSync(retailFile) ? '' : `${retailFile} is missing; set TRIFOLD_RETAIL_CSV`
