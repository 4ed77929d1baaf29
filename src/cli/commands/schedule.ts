import { Command } from 'commander'
import type { ChangedSchedule, ScheduleEntry, TuneChange } from '../../operator/schedules.ts'
import { shownTiming } from '../../timing.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface TuneOptions extends ConfigOptions {
  every?: string
  lag?: string
  cron?: string
  timeZone?: string
  dryRun?: boolean
}

/** `trifold schedule`: when the views are refreshed. */
export function scheduleCommand(console: Console): Command {
  const schedule = new Command('schedule').description('show and tune when the views are refreshed')
  schedule.addCommand(
    withConfig(new Command('list'))
      .description('show the schedule of every view')
      .addHelpText('after', '\nExample:\n  $ trifold schedule list')
      .action((options: ConfigOptions) => list(console, options)),
  )
  schedule.addCommand(
    tuning('tune')
      .description(
        'set the interval, the target lag or the cron pattern of a view; workers follow within half a minute',
      )
      .option('--every <span>', 'an interval: 500ms, 30s, 5m, 2h')
      .option('--lag <span>', 'the target lag: refresh as late as readers still see nothing older')
      .option('--cron <pattern>', 'a cron pattern of five fields, or six with seconds first')
      .option('--time-zone <name>', 'the time zone of the pattern, such as Europe/Berlin (default: UTC)')
      .addHelpText('after', '\nExample:\n  $ trifold schedule tune order_summary@view --every 10s --dry-run')
      .action((target: string, options: TuneOptions, command: Command) => {
        const { every, lag, cron, timeZone } = options
        if ([every, lag, cron].every((one) => one === undefined)) command.error('error: give --every, --lag or --cron')
        return tune(console, target, { every, lag, cron, timeZone } as TuneChange, options)
      }),
  )
  for (const [name, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    schedule.addCommand(
      tuning(name)
        .description(paused ? 'stop the refreshes of a view' : 'resume the refreshes of a view')
        .addHelpText('after', `\nExample:\n  $ trifold schedule ${name} order_summary@view`)
        .action((target: string, options: TuneOptions) => tune(console, target, { paused }, options)),
    )
  }
  schedule.addCommand(
    tuning('reset')
      .description('give the schedule of a view back to the configuration, and resume it')
      .addHelpText('after', '\nExample:\n  $ trifold schedule reset order_summary@view')
      .action((target: string, options: TuneOptions) => reset(console, target, options)),
  )
  return schedule
}

const tuning = (name: string): Command =>
  withConfig(new Command(name))
    .argument('<target>', 'a view, such as order_summary@view')
    .option('--dry-run', 'show the new schedule, and change nothing')

async function list(console: Console, options: ConfigOptions): Promise<void> {
  await withToolkit(console, options, async (toolkit) => {
    const { schedules } = await import('../../operator/schedules.ts')
    const entries = await schedules(toolkit)
    print(
      console,
      options.json,
      { schedules: entries },
      () => entries.map(entryLine).join('\n') || 'no view is configured',
    )
  })
}

async function tune(console: Console, target: string, change: TuneChange, options: TuneOptions): Promise<void> {
  await withToolkit(console, options, async (toolkit) => {
    const { tuneSchedule } = await import('../../operator/schedules.ts')
    await show(console, await tuneSchedule(toolkit, target, change, dryRunOf(options)), options)
  })
}

async function reset(console: Console, target: string, options: TuneOptions): Promise<void> {
  await withToolkit(console, options, async (toolkit) => {
    const { resetSchedule } = await import('../../operator/schedules.ts')
    await show(console, await resetSchedule(toolkit, target, dryRunOf(options)), options)
  })
}

const dryRunOf = ({ dryRun = false }: TuneOptions): { dryRun: boolean } => ({ dryRun })

/** A schedule that was changed, or would be, with the next times at which the view is due. */
async function show(console: Console, entry: ChangedSchedule, options: TuneOptions): Promise<void> {
  const { nextRuns } = await import('../../operator/schedules.ts')
  const { dryRun } = dryRunOf(options)
  const due = entry.timing && !entry.paused ? await nextRuns(entry.target, entry.timing, 3) : []
  const preview = due.length > 0 ? `\ndue: ${due.map((at) => at.toISOString()).join(', ')}` : ''
  const warning = entry.warning ? `\nwarning: ${entry.warning}` : ''
  print(
    console,
    options.json,
    { dryRun, ...entry, due },
    () => `${dryRun ? 'would be ' : ''}${entryLine(entry)}${preview}${warning}`,
  )
}

function entryLine(entry: ScheduleEntry): string {
  const when = entry.timing ? shownTiming(entry.timing) : 'no schedule'
  const source = entry.source === 'config' ? 'from the configuration' : 'set by an operator'
  return `${entry.target}: ${when}, ${stateOf(entry)} (${source})`
}

function stateOf({ timing, paused, isRunning, isDetached, nextAt }: ScheduleEntry): string {
  if (isDetached) return 'detached'
  if (!timing) return 'by hand only'
  if (paused) return 'paused'
  if (!isRunning) return 'no worker runs it'
  return nextAt ? `next at ${nextAt.toISOString()}` : 'followed by the workers within half a minute'
}
