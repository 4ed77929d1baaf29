import { Command } from 'commander'
import type { RolledBack } from '../../operator/rollback.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold rollback`: goes back to what served before the last rebuild. */
export function rollbackCommand(console: Console): Command {
  return withConfig(new Command('rollback'))
    .description('serve again what the last rebuild has replaced')
    .argument('<target>', 'a target such as order_summary@table, or a read model for all of its')
    .addHelpText('after', help)
    .action((name: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { rollback } = await import('../../operator/rollback.ts')
        const { inSeconds } = await import('../../operator/figures.ts')
        const done = await rollback(toolkit, name)
        const lineOf = ({ target, from, to, definitionOf, milliseconds }: RolledBack) => {
          const how = definitionOf === undefined ? 'again' : `with the definition of generation ${definitionOf}`
          return `${target}: generation ${to} serves ${how} in place of ${from}, after ${inSeconds(milliseconds)}`
        }
        print(console, options.json, done, () => done.map(lineOf).join('\n'))
      }),
    )
}

const help = `
With \`keepWarm\` in the configuration, workers keep the table or index before current for that time after a rebuild: they read the keys
that events name again from the definition that it was built from. A view is built again from the definition of before. Readers see
no error and nothing older. If the definition has changed since, deploy the code and the definition of before first: workers with the
newer one would rebuild it.

Example:
  $ trifold rollback order_summary@table`
