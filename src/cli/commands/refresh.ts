import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold refresh`: runs the definition of a view again. */
export function refreshCommand(console: Console): Command {
  return withConfig(new Command('refresh'))
    .description('run the definition of a view again, now')
    .argument('<target>', 'a view, such as order_summary@view')
    .addHelpText('after', '\nExample:\n  $ trifold refresh order_summary@view')
    .action((target: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { refresh } = await import('../../operator/refresh.ts')
        const { inSeconds, inThousands } = await import('../../operator/figures.ts')
        const report = await refresh(toolkit, target)
        print(console, options.json, report, () => {
          if (report.outcome === 'skipped')
            return `${target}: another refresh of it is running, so this one was skipped`
          return `${target}: refreshed in ${inSeconds(report.milliseconds)}, ${inThousands(report.rows ?? 0)} rows`
        })
      }),
    )
}
