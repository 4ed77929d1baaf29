import { Command } from 'commander'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, colorsOf, print } from '../console.ts'

/** `trifold status`: what every target reflects. Exit code 1 if one is red. */
export function statusCommand(console: Console): Command {
  return withConfig(new Command('status'))
    .description('show what every target reflects, and what is wrong; exit code 1 if one is red')
    .addHelpText('after', '\nExample:\n  $ trifold status --json | jq \'.targets[] | select(.verdict == "red")\'')
    .action(async (options: ConfigOptions) => {
      const { lockPatience, status } = await import('../../operator/status.ts')
      const show = async (toolkit: Toolkit) => {
        const { statusText } = await import('./status-output.ts')
        const now = await status(toolkit)
        print(console, options.json, now, () => statusText(now, colorsOf(console.stdout)))
        if (!now.ok) console.exitCode = 1
      }
      await withToolkit(console, options, show, lockPatience)
    })
}
