import { Command } from 'commander'
import { type ConfigOptions, readConfiguration, withConfig } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface MigrateOptions extends ConfigOptions {
  down?: boolean
  dryRun?: boolean
}

/** `trifold migrate`: brings the schema `trifold` up to date. */
export function migrateCommand(console: Console): Command {
  return withConfig(new Command('migrate'))
    .description('create the schema "trifold" in the database, or bring it up to date')
    .option('--down', 'undo the newest migration; undoing the first one drops the outbox and every target')
    .option('--dry-run', 'show what would run, and run nothing')
    .addHelpText('after', '\nExample:\n  $ DATABASE_URL=postgres://localhost/shop trifold migrate --dry-run')
    .action((options: MigrateOptions) => runMigrate(console, options))
}

async function runMigrate(console: Console, options: MigrateOptions): Promise<void> {
  const { database } = await readConfiguration(console, options)
  const { checkDatabase } = await import('../../database.ts')
  await checkDatabase(database, { migrated: false })
  const { migrate } = await import('../../migrate.ts')
  const dryRun = options.dryRun ?? false
  const direction = options.down ? 'down' : 'up'
  const migrations = await migrate(database, { direction, dryRun })
  print(console, options.json, { direction, dryRun, migrations }, () => sentence(migrations, direction, dryRun))
}

function sentence(migrations: readonly string[], direction: 'up' | 'down', dryRun: boolean): string {
  if (migrations.length === 0) return direction === 'up' ? 'the schema is up to date' : 'there is nothing to undo'
  const verb = { up: ['would run', 'ran'], down: ['would undo', 'undid'] }[direction][dryRun ? 0 : 1]
  return `${verb} ${dryRun ? migrations.join(', ') : listed(migrations)}`
}

const numberOf = (migration = ''): string => migration.replace(/_.*/, '')

/** The first and the last of many; `--json` and `--dry-run` have all. */
const listed = (migrations: readonly string[]): string =>
  migrations.length > 3
    ? `${migrations.length} migrations, ${numberOf(migrations[0])} to ${numberOf(migrations.at(-1))}`
    : migrations.join(', ')
