import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold rollback`: serves the generation again that the last rebuild has replaced. */
export function rollbackCommand(console: Console): Command {
  return withConfig(new Command('rollback'))
    .description('serve the table again that the last rebuild has replaced')
    .argument('<target>', 'a table such as order_summary@table, or its read model')
    .addHelpText('after', help)
    .action((name: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { rollback } = await import('../../operator/rollback.ts')
        const { inSeconds } = await import('../../operator/figures.ts')
        const done = await rollback(toolkit, name)
        const { target, from, to, milliseconds } = done
        print(
          console,
          options.json,
          done,
          () => `${target}: generation ${to} serves again in place of ${from}, after ${inSeconds(milliseconds)}`,
        )
      }),
    )
}

const help = `
With \`keepWarm\` in the configuration, workers keep the table before current for that time after a rebuild: they read the keys that
events name again from the definition that it was built from. Readers see no error and nothing older. If the definition has changed
since, deploy the code and the definition of before first: workers with the newer one would rebuild it.

Example:
  $ trifold rollback order_summary@table`
