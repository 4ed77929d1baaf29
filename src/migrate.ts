import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { TrifoldError } from './errors.ts'
import { dropIfUndone, ledger, missingGrant, prepareLedger } from './schema/migrations.ts'

/** The folder of the toolkit's own migrations: beside `src/` and `dist/` alike. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url))

/** What to run. */
export interface MigrateOptions {
  direction?: 'up' | 'down'
  /** Runs nothing, and leaves the database as it is. */
  dryRun?: boolean
  /** At most so many; default all, and one if the direction is down. */
  count?: number
}

/**
 * Brings the toolkit's schema up to date (node-pg-migrate, SQL files; what ran is noted in `trifold.migrations`). Runs
 * of several processes wait for each other by an advisory lock.
 *
 * @returns the names of the migrations that ran, or that would run if `dryRun`
 * @throws DATABASE_UNREACHABLE, PRIVILEGE_MISSING with the statement that grants what is missing
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { openClient } = await import('./database.ts') // an application that only appends loads no driver
  const client = await openClient(databaseUrl, { name: 'migrate' })
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('trifold migrate', 0))`)
    await refuseWithoutGrant(client)
    if (!options.dryRun) return await run(client, options)
    await client.query('begin')
    return await run(client, options)
  } finally {
    await client.end() // what a dry run has prepared is rolled back
  }
}

async function run(client: pg.Client, { direction = 'up', dryRun = false, count }: MigrateOptions): Promise<string[]> {
  const { runner } = await import('node-pg-migrate')
  await prepareLedger(client)
  const ran = await runner({
    ...ledger,
    dbClient: client,
    dir: migrationsFolder,
    direction,
    count: count ?? (direction === 'up' ? Number.POSITIVE_INFINITY : 1),
    dryRun,
    noLock: true,
    log: () => {},
    verbose: false,
  })
  if (direction === 'down' && !dryRun) await dropIfUndone(client)
  return ran.map((migration) => migration.name)
}

async function refuseWithoutGrant(client: pg.Client): Promise<void> {
  const missing = await missingGrant(client)
  if (!missing) return
  throw new TrifoldError(
    'PRIVILEGE_MISSING',
    `migrate: the role ${missing.role} may not create the schema "trifold" or tables in it; run as the owner of the database: ${missing.grant}`,
  )
}
