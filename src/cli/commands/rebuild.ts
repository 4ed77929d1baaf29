import { Command } from 'commander'
import type { RebuildPlan, RebuildReport } from '../../operator/rebuild.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { describeFailure, type Failure, showTargetFailure } from '../failure.ts'

interface RebuildCommandOptions extends ConfigOptions {
  dryRun?: boolean
}

/** `trifold rebuild`: builds new generations beside those that serve. */
export function rebuildCommand(console: Console): Command {
  return withConfig(new Command('rebuild'))
    .description('build a new generation of a target beside the serving one, and cut over to it')
    .argument('[targets...]', 'targets to rebuild in any case (default: those that are missing or out of date)')
    .option('--dry-run', 'show what would be rebuilt and why, and change nothing')
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
  if (options.dryRun) return showPlans(console, plans, options.json)
  const { logTo } = await import('../log.ts')
  const observe = logTo(console.stderr)
  const rebuilt: RebuildReport[] = []
  const failed: FailedTarget[] = []
  for (const { target, reason, error } of plans) {
    try {
      if (error) throw error
      if (reason) rebuilt.push(await rebuild(toolkit, target, { reason, observe }))
    } catch (failure) {
      if (targets.length > 0) throw failure
      failed.push({ target, error: describeFailure(failure) })
    }
  }
  const skipped = plans.flatMap(({ target, detachedSince }) => (detachedSince ? [{ target, detachedSince }] : []))
  const lines = await reportLines(rebuilt, skipped)
  if (options.json || rebuilt.length + skipped.length > 0 || failed.length === 0)
    print(console, options.json, { rebuilt, skipped, failed }, () => lines)
  for (const { target, error } of failed) showTargetFailure(console, target, error)
  if (failed.length > 0) console.exitCode = 1
}

/** A target whose rebuild failed; without names the others are rebuilt all the same. */
interface FailedTarget {
  target: string
  error: Failure
}

function showPlans(console: Console, plans: readonly RebuildPlan[], json: boolean | undefined): void {
  const shown = plans.map(({ error, ...plan }) => (error ? { ...plan, error: describeFailure(error) } : plan))
  print(console, json, { dryRun: true, plans: shown }, () => plans.map(planLine).join('\n'))
  if (plans.some(({ error }) => error)) console.exitCode = 1
}

function planLine({ target, reason, serving, detachedSince, error }: RebuildPlan): string {
  if (detachedSince) return skippedLine({ target, detachedSince })
  if (error) return `${target}: cannot be rebuilt: ${error.message}`
  if (reason) return `${target}: would be rebuilt, because ${reason}`
  return `${target}: would stay as it is (generation ${serving} serves)`
}

/** A target that is left alone because its read model is detached. */
type SkippedTarget = Required<Pick<RebuildPlan, 'target' | 'detachedSince'>>

const skippedLine = ({ target, detachedSince }: SkippedTarget): string =>
  `${target}: skipped, because its read model has been detached since ${detachedSince}`

async function reportLines(rebuilt: readonly RebuildReport[], skipped: readonly SkippedTarget[]): Promise<string> {
  const { inBytes, inSeconds, inThousands } = await import('../../operator/figures.ts')
  if (rebuilt.length + skipped.length === 0) return 'every target is up to date; name one to rebuild it'
  const built = rebuilt.map(({ target, generation, milliseconds, rows, bytes }) => {
    const size = `${rows === undefined ? '' : `, ${inThousands(rows)} rows`}${bytes === undefined ? '' : `, ${inBytes(bytes)}`}`
    return `${target}: generation ${generation} serves, built in ${inSeconds(milliseconds)}${size}`
  })
  return [...built, ...skipped.map(skippedLine)].join('\n')
}
