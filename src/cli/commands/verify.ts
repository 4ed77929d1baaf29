import { Command } from 'commander'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface VerifyCommandOptions extends ConfigOptions {
  sample?: string
  repair?: boolean
}

/** `trifold verify`: compares targets with their definitions. Exit code 1 if something differs and was not repaired. */
export function verifyCommand(console: Console): Command {
  return withConfig(new Command('verify'))
    .description('compare targets with their definitions while they are written; exit code 1 if one differs')
    .argument('[targets...]', 'targets, or read models for all of theirs (default: all that are configured)')
    .option('--sample <share>', 'compare a part of the rows, at random: 1% or 0.01')
    .option('--repair', 'recompute the rows that differ; a view is built again')
    .addHelpText('after', help)
    .action((targets: string[], options: VerifyCommandOptions) =>
      withToolkit(console, options, (toolkit) => runVerify(console, toolkit, targets, options)),
    )
}

async function runVerify(
  console: Console,
  toolkit: Toolkit,
  targets: string[],
  { sample, repair, json }: VerifyCommandOptions,
): Promise<void> {
  const { differing, verify } = await import('../../operator/verify.ts')
  const { shareOf, verifiedText, progressTo } = await import('./verify-output.ts')
  const verified = await verify(toolkit, targets, {
    sample: sample === undefined ? undefined : shareOf(sample),
    repair,
    onProgress: progressTo(console.stderr),
  })
  print(console, json, { verified }, () => verified.map(verifiedText).join('\n') || 'no targets are configured')
  if (verified.some((one) => one.repaired < differing(one))) console.exitCode = 1
}

const help = `
Both sides are read at one snapshot, so what differs is wrong, however busy the target is. A view is refreshed, and
compared within the refresh.

Examples:
  $ trifold verify order_summary --sample 1%
  $ trifold verify order_summary@search --repair`
