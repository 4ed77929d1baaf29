import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold era`: what an operator knows of the history of the database. */
export const eraCommand = (console: Console): Command =>
  new Command('era').description('begin a new era of the database').addCommand(newCommand(console))

const newCommand = (console: Console): Command =>
  withConfig(new Command('new'))
    .description('refuse the commit tokens of before, and have every table and index built again')
    .addHelpText(
      'after',
      '\nExample:\n  $ trifold era new\n\n' +
        'Run it after a snapshot of the volume was put back while no worker ran, or was started as a second server: nothing shows ' +
        'that then. Failovers, recoveries, dumps and copies of a database are noticed by themselves.',
    )
    .action((options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { beginNewEra } = await import('../../operator/era.ts')
        const began = await beginNewEra(toolkit)
        print(
          console,
          options.json,
          began,
          () => `era ${began.era} began after era ${began.before}; running workers build every table and index again`,
        )
      }),
    )
