import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface Options extends ConfigOptions {
  since?: string
  timeZone?: string
}

/** `trifold night`: what was missed, late, failed or slower than usual while nobody looked. */
export function nightCommand(console: Console): Command {
  return withConfig(new Command('night'))
    .description('say what was missed, late, failed or slower than usual since yesterday evening, as text for a mail')
    .option('--since <time>', 'as `trifold history` takes it (default: yesterday 18:00)')
    .option('--time-zone <name>', 'the time zone of the times (default: that of this machine)')
    .addHelpText('after', help)
    .action(({ since, timeZone, ...options }: Options) =>
      withToolkit(console, options, async (toolkit) => {
        const { night } = await import('../../operator/night.ts')
        const { nightText } = await import('../../operator/night/text.ts')
        const found = await night(toolkit, { since, timeZone })
        print(console, options.json, found, () => nightText(found))
        if (!found.ok) console.exitCode = 1
      }),
    )
}

const help = `
The exit code is 1 if there is something to look at.

Example:
  $ trifold night --time-zone Europe/Vienna | mail -s 'Trifold: the night' ops@example.com`
