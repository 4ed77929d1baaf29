import { Command } from 'commander'
import type { DefinitionDiff } from '../../operator/definition/diff.ts'
import { type ConfigOptions, readConfiguration, withConfig, withToolkit } from '../configuration.ts'
import { type Colors, type Console, colorsOf, print } from '../console.ts'
import { describeFailure } from '../failure.ts'

/** `trifold definition`: the versions of a definition. */
export const definitionCommand = (console: Console): Command =>
  new Command('definition')
    .description('write the next version of a definition, or show what the newest one changes')
    .addCommand(newCommand(console))
    .addCommand(diffCommand(console))

const named = (name: string): Command =>
  withConfig(new Command(name)).argument('<read-model>', 'a read model, such as order_summary')

const newCommand = (console: Console): Command =>
  named('new')
    .description('write the next version of a definition, as a copy of the last one')
    .addHelpText('after', '\nExample:\n  $ trifold definition new order_summary')
    .action(async (readModel: string, options: ConfigOptions) => {
      const { newDefinition } = await import('../../operator/definition/create.ts')
      const written = await newDefinition(await readConfiguration(console, options), readModel)
      print(console, options.json, written, () => [`wrote ${written.file}`, ...nextSteps(readModel)].join('\n'))
    })

const nextSteps = (readModel: string): string[] => [
  'next:',
  '  1. edit it; leave the versions before as they are',
  `  2. \`trifold definition diff ${readModel}\` shows what it changes, and what will be rebuilt`,
  '  3. adapt the handlers, raise `version` in the configuration, and run `trifold types`',
  '  4. deploy the workers, which build it beside what serves, or run `trifold rebuild --outdated`',
]

const diffCommand = (console: Console): Command =>
  named('diff')
    .description('compare the newest version of a definition with the one that serves, and say what will be rebuilt')
    .addHelpText('after', '\nExample:\n  $ trifold definition diff order_summary')
    .action((readModel: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { diffDefinition } = await import('../../operator/definition/diff.ts')
        const { changesText } = await import('../../drift.ts')
        const diff = await diffDefinition(toolkit, readModel)
        const shown = diff.rebuilds.map(({ error, ...plan }) =>
          error ? { ...plan, error: describeFailure(error) } : plan,
        )
        const columns = changesText(diff.columns).replaceAll('; ', '\n') || 'the columns stay as they are'
        print(console, options.json, { ...diff, rebuilds: shown }, () =>
          diffText(diff, columns, colorsOf(console.stdout)),
        )
      }),
    )

function diffText({ before, after, text, rebuilds }: DefinitionDiff, columns: string, colors: Colors): string {
  const color = { ' ': (line: string) => line, '+': colors.green, '-': colors.red }
  const lines = text.map(({ mark, text: line }) => color[mark](`${mark} ${line}`.trimEnd()))
  const plans = rebuilds.map(({ target, reason, error }) =>
    error ? `${target}: cannot be rebuilt: ${error.message}` : `${target}: will be rebuilt, because ${reason}`,
  )
  const rebuilt = plans.length === 0 ? ['no target has to be rebuilt'] : plans
  return [`--- ${before.file}`, `+++ ${after.file}`, ...lines, '', columns, '', ...rebuilt].join('\n')
}
