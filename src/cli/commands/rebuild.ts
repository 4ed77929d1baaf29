import { Command, InvalidArgumentError } from 'commander'
import type { RebuildPlan, Wanted } from '../../operator/plan-rebuild.ts'
import type { RebuildReport } from '../../operator/rebuild.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { describeFailure, type Failure, showTargetFailure } from '../failure.ts'

interface RebuildCommandOptions extends ConfigOptions {
  outdated?: boolean
  all?: boolean
  dryRun?: boolean
  maxRate?: number
  verify?: boolean
}

/** `trifold rebuild`: builds new generations beside those that serve. */
export function rebuildCommand(console: Console): Command {
  return withConfig(new Command('rebuild'))
    .description('build a new generation of targets beside the serving ones, and cut over to it')
    .argument('[targets...]', 'targets, or read models for all of theirs, to rebuild in any case')
    .option('--outdated', 'rebuild the targets that are missing or out of date')
    .option('--all', 'rebuild all targets that are configured')
    .option('--dry-run', 'show what would be rebuilt, why, in which order and at what cost, and change nothing')
    .option('--max-rate <rows>', 'most rows a second that a copy writes, key range by key range', readRate)
    .option('--no-verify', 'serve without comparing the rows with the definition first: about half the time')
    .addHelpText('after', help)
    .action((names: string[], options: RebuildCommandOptions, command: Command) => {
      const wanted = wantedOf(names, options, command)
      return withToolkit(console, options, (toolkit) => runRebuild(console, toolkit, wanted, options))
    })
}

const help = `
Examples:
  $ trifold rebuild order_summary@search
  $ trifold rebuild --outdated --dry-run
  $ trifold rebuild order_summary@table --max-rate 5000

Ctrl-C cancels: a table keeps the key ranges that were copied, and the next rebuild continues with them.`

function readRate(text: string): number {
  const rate = Number(text)
  if (!Number.isFinite(rate) || rate <= 0) throw new InvalidArgumentError('it must be a number of rows above 0.')
  return rate
}

function wantedOf(names: string[], { outdated, all }: RebuildCommandOptions, command: Command): Wanted {
  const given = [names.length > 0, outdated, all].filter(Boolean)
  if (given.length === 0)
    command.error('error: name targets, or give --outdated (what is missing or out of date) or --all')
  if (given.length > 1) command.error('error: give names, --outdated or --all, not several of them')
  if (names.length > 0) return { names }
  return all ? 'all' : 'outdated'
}

async function runRebuild(
  console: Console,
  toolkit: Toolkit,
  wanted: Wanted,
  options: RebuildCommandOptions,
): Promise<void> {
  const { dryRun, json } = options
  const { planRebuild } = await import('../../operator/plan-rebuild.ts')
  const { showPlans } = await import('./rebuild-plan.ts')
  const plans = await planRebuild(toolkit, wanted)
  if (dryRun) return showPlans(console, toolkit, plans, json)
  const { rebuilt, failed } = await untilStopped((signal) =>
    carryOut(console, toolkit, plans, { ...options, signal, areNamed: typeof wanted === 'object' }),
  )
  const skipped = plans.flatMap(({ target, detachedSince }) => (detachedSince ? [{ target, detachedSince }] : []))
  const lines = await reportLines(rebuilt, skipped)
  if (json || rebuilt.length + skipped.length > 0 || failed.length === 0)
    print(console, json, { rebuilt, skipped, failed }, () => lines)
  for (const { target, error } of failed) showTargetFailure(console, target, error)
  if (failed.length > 0) console.exitCode = 1
}

/** The first signal cancels in order, a second one ends the process. */
async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { onStop } = await import('../signals.ts')
  const stop = new AbortController()
  const stopping = onStop()
  stopping.asked.then(() => stop.abort())
  try {
    return await work(stop.signal)
  } finally {
    stopping.forget()
  }
}

async function carryOut(
  console: Console,
  toolkit: Toolkit,
  plans: readonly RebuildPlan[],
  { areNamed, signal, maxRate, verify, json }: RebuildCommandOptions & { areNamed: boolean; signal: AbortSignal },
): Promise<{ rebuilt: RebuildReport[]; failed: FailedTarget[] }> {
  const { rebuild } = await import('../../operator/rebuild.ts')
  const { logTo } = await import('../log.ts')
  const observe = logTo(console.stderr, { json })
  const rebuilt: RebuildReport[] = []
  const failed: FailedTarget[] = []
  for (const plan of plans) {
    const { target } = plan
    try {
      const { reason, error } = plan.error && rebuilt.length > 0 ? await plannedAgain(toolkit, target) : plan
      if (error) throw error
      if (reason) rebuilt.push(await rebuild(toolkit, target, { reason, observe, signal, maxRate, verify }))
    } catch (failure) {
      if (areNamed || signal.aborted) throw failure
      failed.push({ target, error: describeFailure(failure) })
    }
  }
  return { rebuilt, failed }
}

/** What was rebuilt before may be what its definition reads. */
async function plannedAgain(toolkit: Toolkit, target: string): Promise<RebuildPlan> {
  const { planRebuild } = await import('../../operator/plan-rebuild.ts')
  const plans = await planRebuild(toolkit, 'outdated')
  return plans.find((plan) => plan.target === target) as RebuildPlan
}

/** A target whose rebuild failed; without names the others are rebuilt all the same. */
interface FailedTarget {
  target: string
  error: Failure
}

/** A target that is left alone because its read model is detached. */
interface SkippedTarget {
  target: string
  detachedSince: string
}

async function reportLines(rebuilt: readonly RebuildReport[], skipped: readonly SkippedTarget[]): Promise<string> {
  const { inBytes, inSeconds, inThousands } = await import('../../operator/figures.ts')
  const { skippedLine } = await import('./rebuild-plan.ts')
  if (rebuilt.length + skipped.length === 0) return 'every target is up to date; name one to rebuild it'
  const built = rebuilt.map(({ target, generation, milliseconds, rows, bytes }) => {
    const size = `${rows === undefined ? '' : `, ${inThousands(rows)} rows`}${bytes === undefined ? '' : `, ${inBytes(bytes)}`}`
    return `${target}: generation ${generation} serves, built in ${inSeconds(milliseconds)}${size}`
  })
  return [...built, ...skipped.map(skippedLine)].join('\n')
}
