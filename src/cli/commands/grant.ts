import { Command } from 'commander'
import type { Grants } from '../../operator/grants.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold grant`: what other roles of PostgreSQL may read. */
export const grantCommand = (console: Console): Command =>
  new Command('grant').description('let another role read the names in SQL').addCommand(readerCommand(console))

const readerCommand = (console: Console): Command =>
  withConfig(new Command('reader'))
    .description('print the grants with which a role reads the names of read models, and nothing else')
    .argument('<role>', 'the role that a tool or an analyst logs in as')
    .argument('[read-models...]', 'only these; default all')
    .option('--run', 'run them as well')
    .addHelpText('after', help)
    .action((role: string, readModels: string[], options: ConfigOptions & { run?: boolean }) =>
      withToolkit(console, options, async (toolkit) => {
        const { grantReader } = await import('../../operator/grants.ts')
        const grants = await grantReader(toolkit, role, { readModels, run: options.run ?? false })
        print(console, options.json, grants, () => linesOf(grants).join('\n'))
        if (grants.missing.length > 0) {
          console.stderr.write(
            `not built yet, so nothing to grant: ${grants.missing.join(', ')}; run this again once they are\n`,
          )
        }
      }),
    )

const linesOf = ({ role, statements, granted }: Grants): string[] => [
  ...statements.map((statement) => `${statement};`),
  ...(granted ? [`-- done: ${role} may read them`] : []),
]

const help = `
The names keep their grants when a target is built again or switched. An index has no name in SQL.

Examples:
  $ trifold grant reader metabase                  print the statements
  $ trifold grant reader metabase --run            run them
  $ trifold grant reader metabase daily_sales | psql "$DATABASE_URL"`
