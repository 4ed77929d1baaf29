import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, colorsOf, print } from '../console.ts'
import { readLimit } from './limit-option.ts'

interface Options extends ConfigOptions {
  since?: string
  timeZone?: string
  limit?: number
}

/** `trifold history`: what has happened to the targets, and what it cost. */
export function historyCommand(console: Console): Command {
  return withConfig(new Command('history'))
    .description('show refreshes, rebuilds and recomputes of a period, what they cost, and how the lag went')
    .argument('[names...]', 'targets and read models, such as order_summary@view (default: all)')
    .option('--since <time>', '24h (so long ago), "yesterday 18:00", "2026-11-29 18:00" or an ISO time (default: 24h)')
    .option('--time-zone <name>', 'the time zone of the times (default: that of this machine)')
    .option('--limit <count>', 'most runs of each target (default: 20)', readLimit)
    .addHelpText('after', '\nExample:\n  $ trifold history order_summary@view --since "yesterday 18:00"')
    .action((names: string[], options: Options) =>
      withToolkit(console, options, async (toolkit) => {
        const { history } = await import('../../operator/history.ts')
        const { historyText } = await import('./history-output.ts')
        const { since, timeZone, limit } = options
        const found = await history(toolkit, names, { since, timeZone, limit })
        print(console, options.json, found, () => historyText(found, timeZone, colorsOf(console.stdout)))
      }),
    )
}
