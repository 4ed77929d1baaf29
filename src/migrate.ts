import { fileURLToPath } from 'node:url'

/** The folder of the toolkit's own migrations: beside `src/` and `dist/` alike. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url))

/**
 * Brings the toolkit's schema up to date (node-pg-migrate, SQL files; its own table of what ran is
 * `trifold_migrations` in the schema `public`). Runs of two processes wait for each other by an advisory lock.
 *
 * @returns the names of the migrations that ran, or that would run if `dryRun`
 */
export async function migrate(
  databaseUrl: string,
  options: { direction?: 'up' | 'down'; dryRun?: boolean; count?: number; log?: (line: string) => void } = {},
): Promise<string[]> {
  const { runner } = await import('node-pg-migrate')
  const direction = options.direction ?? 'up'
  const ran = await runner({
    databaseUrl,
    dir: migrationsFolder,
    direction,
    count: options.count ?? (direction === 'up' ? Number.POSITIVE_INFINITY : 1),
    migrationsTable: 'trifold_migrations',
    dryRun: options.dryRun ?? false,
    log: options.log ?? (() => {}),
    verbose: false,
  })
  return ran.map((migration) => migration.name)
}
