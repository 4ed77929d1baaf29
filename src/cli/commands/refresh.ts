import { Command } from 'commander'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold refresh`: runs the definition of a view again. */
export function refreshCommand(console: Console): Command {
  return withConfig(new Command('refresh'))
    .description('run the definition of a view again, now, or cancel the refresh that runs')
    .argument('<target>', 'a view, such as order_summary@view')
    .option('--cancel', 'cancel the refresh that is running, whoever has begun it')
    .addHelpText(
      'after',
      '\nExamples:\n  $ trifold refresh order_summary@view\n  $ trifold refresh order_summary@view --cancel',
    )
    .action((target: string, options: ConfigOptions & { cancel?: boolean }) =>
      withToolkit(console, options, async (toolkit) => {
        if (options.cancel) return cancel(console, toolkit, target, options)
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

async function cancel(console: Console, toolkit: Toolkit, target: string, options: ConfigOptions): Promise<void> {
  const { cancelRefresh } = await import('../../operator/cancel-refresh.ts')
  const { inSeconds } = await import('../../operator/figures.ts')
  const report = await cancelRefresh(toolkit, target)
  print(console, options.json, report, () => {
    const { cause, phase, worker, pid, ranFor } = report
    return `${target}: cancelled the refresh (${cause}) that was ${phase}, after ${inSeconds(ranFor)} (${worker}, PostgreSQL process ${pid})`
  })
}
