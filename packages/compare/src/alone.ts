import { openClient } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'

/** Runs `work` while no other comparison of the read model runs in the database. @throws COMPARE_RUNNING */
export async function whileAlone<T>(databaseUrl: string, readModel: string, work: () => Promise<T>): Promise<T> {
  const client = await openClient(databaseUrl, { name: `compare ${readModel}` })
  try {
    const { rows } = await client.query(`select pg_try_advisory_lock(hashtextextended($1, 0)) as locked`, [
      `trifold compare ${readModel}`,
    ])
    if (rows[0].locked !== 't') throw running(readModel)
    return await work()
  } finally {
    await client.end().catch(() => {})
  }
}

const running = (readModel: string): TrifoldError =>
  new TrifoldError(
    'COMPARE_RUNNING',
    `compare: another comparison of ${readModel} is running in this database; wait until it ends`,
  )
