import { Command } from 'commander'
import type { FillPlan, FillReport } from '../../operator/fill.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface FillCommandOptions extends ConfigOptions {
  dryRun?: boolean
}

/** `trifold fill`: builds new generations beside those that serve. */
export function fillCommand(console: Console): Command {
  return withConfig(new Command('fill'))
    .description('build a target anew beside the one that serves, and serve it')
    .argument('[targets...]', 'built anew whatever stands; without a name those that are missing or out of date')
    .option('--dry-run', 'say what would be filled and why, and fill nothing')
    .addHelpText('after', '\nExample:\n  $ trifold fill order_summary@search --dry-run')
    .action((targets: string[], options: FillCommandOptions) =>
      withToolkit(console, options, (toolkit) => runFill(console, toolkit, targets, options)),
    )
}

async function runFill(
  console: Console,
  toolkit: Toolkit,
  targets: string[],
  options: FillCommandOptions,
): Promise<void> {
  const { fill, planFill } = await import('../../operator/fill.ts')
  const plans = await planFill(toolkit, targets)
  if (options.dryRun) return print(console, options.json, { dryRun: true, plans }, () => plans.map(planLine).join('\n'))
  const { logTo } = await import('../log.ts')
  const observe = logTo(console.stderr)
  const filled: FillReport[] = []
  for (const { target, reason } of plans) {
    if (reason) filled.push(await fill(toolkit, target, { reason, observe }))
  }
  const lines = await reportLines(filled)
  print(console, options.json, { filled }, () => lines)
}

const planLine = ({ target, reason, serving }: FillPlan): string =>
  reason
    ? `${target}: would be filled, because ${reason}`
    : `${target}: would be left as it is (generation ${serving} serves)`

async function reportLines(filled: readonly FillReport[]): Promise<string> {
  const { inBytes, inSeconds, inThousands } = await import('../../operator/figures.ts')
  if (filled.length === 0) return 'every target stands; name one to build it anew'
  return filled
    .map(({ target, generation, milliseconds, rows, bytes }) => {
      const size = `${rows === undefined ? '' : `, ${inThousands(rows)} rows`}${bytes === undefined ? '' : `, ${inBytes(bytes)}`}`
      return `${target}: generation ${generation} serves, filled in ${inSeconds(milliseconds)}${size}`
    })
    .join('\n')
}
