import { Command } from 'commander'
import type { RebuildPlan, RebuildReport } from '../../operator/rebuild.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface RebuildCommandOptions extends ConfigOptions {
  dryRun?: boolean
}

/** `trifold rebuild`: builds new generations beside those that serve. */
export function rebuildCommand(console: Console): Command {
  return withConfig(new Command('rebuild'))
    .description('build the next generation of a target beside the one that serves, and serve it')
    .argument('[targets...]', 'rebuilt in any case; without a name those that are missing or out of date')
    .option('--dry-run', 'say what would be rebuilt and why, and change nothing')
    .addHelpText('after', '\nExample:\n  $ trifold rebuild order_summary@search --dry-run')
    .action((targets: string[], options: RebuildCommandOptions) =>
      withToolkit(console, options, (toolkit) => runRebuild(console, toolkit, targets, options)),
    )
}

async function runRebuild(
  console: Console,
  toolkit: Toolkit,
  targets: string[],
  options: RebuildCommandOptions,
): Promise<void> {
  const { planRebuild, rebuild } = await import('../../operator/rebuild.ts')
  const plans = await planRebuild(toolkit, targets)
  if (options.dryRun) return print(console, options.json, { dryRun: true, plans }, () => plans.map(planLine).join('\n'))
  const { logTo } = await import('../log.ts')
  const observe = logTo(console.stderr)
  const rebuilt: RebuildReport[] = []
  for (const { target, reason } of plans) {
    if (reason) rebuilt.push(await rebuild(toolkit, target, { reason, observe }))
  }
  const lines = await reportLines(rebuilt)
  print(console, options.json, { rebuilt }, () => lines)
}

const planLine = ({ target, reason, serving }: RebuildPlan): string =>
  reason
    ? `${target}: would be rebuilt, because ${reason}`
    : `${target}: would be left as it is (generation ${serving} serves)`

async function reportLines(rebuilt: readonly RebuildReport[]): Promise<string> {
  const { inBytes, inSeconds, inThousands } = await import('../../operator/figures.ts')
  if (rebuilt.length === 0) return 'every target is up to date; name one to rebuild it'
  return rebuilt
    .map(({ target, generation, milliseconds, rows, bytes }) => {
      const size = `${rows === undefined ? '' : `, ${inThousands(rows)} rows`}${bytes === undefined ? '' : `, ${inBytes(bytes)}`}`
      return `${target}: generation ${generation} serves, built in ${inSeconds(milliseconds)}${size}`
    })
    .join('\n')
}
