import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, colorsOf, print } from '../console.ts'
import { readLimit } from './limit-option.ts'

/** `trifold audit`: what operators did in the console. */
export function auditCommand(console: Console): Command {
  return withConfig(new Command('audit'))
    .description('show what operators did in the console: who, what, when, and what came of it')
    .option('--limit <count>', 'most actions, the newest first (default: 50)', readLimit)
    .addHelpText('after', '\nExample:\n  $ trifold audit --limit 10')
    .action((options: ConfigOptions & { limit?: number }) =>
      withToolkit(console, options, async (toolkit) => {
        const { audit } = await import('../../operator/audit.ts')
        const { auditText } = await import('./audit-output.ts')
        const entries = await audit(toolkit, { limit: options.limit })
        print(console, options.json, { actions: entries }, () => auditText(entries, colorsOf(console.stdout)))
      }),
    )
}
