import { Command, InvalidArgumentError } from 'commander'
import type { ChangedSchedule, TuneChange } from '../../operator/schedules.ts'
import { isTimeZone } from '../../timing/time-zone.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface ShownOptions extends ConfigOptions {
  zone?: string
}

interface TuneOptions extends ShownOptions {
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
    inZone(withConfig(new Command('list')))
      .description('show the schedule of every view')
      .addHelpText('after', '\nExample:\n  $ trifold schedule list')
      .action((options: ShownOptions) => list(console, options)),
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
  schedule.addCommand(
    inZone(withConfig(new Command('history')))
      .description('show who changed the schedules of views, and when')
      .argument('[names...]', 'views and read models, such as order_summary@view (default: all)')
      .option('--limit <count>', 'most changes (default: 50)', readLimit)
      .addHelpText('after', '\nExample:\n  $ trifold schedule history order_summary@view')
      .action((names: string[], options: ShownOptions & { limit?: number }) => changes(console, names, options)),
  )
  return schedule
}

const tuning = (name: string): Command =>
  inZone(withConfig(new Command(name)))
    .argument('<target>', 'a view, such as order_summary@view')
    .option('--dry-run', 'show the new schedule with its next times, costs and forecast, and change nothing')

const inZone = (command: Command): Command =>
  command.option('--zone <name>', 'the time zone of the times that are shown (default: that of this machine)', readZone)

function readLimit(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('write a whole number.')
}

function readZone(name: string): string {
  if (isTimeZone(name)) return name
  throw new InvalidArgumentError('the time zone is unknown; write one such as "Europe/Berlin".')
}

async function list(console: Console, options: ShownOptions): Promise<void> {
  await withToolkit(console, options, async (toolkit) => {
    const { schedules } = await import('../../operator/schedules.ts')
    const entries = await schedules(toolkit)
    const { listText } = await import('./schedule-output.ts')
    print(console, options.json, { schedules: entries }, () => listText(entries, options.zone))
  })
}

async function changes(
  console: Console,
  names: readonly string[],
  { zone, limit, ...options }: ShownOptions & { limit?: number },
): Promise<void> {
  await withToolkit(console, options, async (toolkit) => {
    const { scheduleChanges } = await import('../../operator/schedule-changes.ts')
    const { changesText } = await import('./schedule-output.ts')
    const found = await scheduleChanges(toolkit, names, { limit })
    print(console, options.json, { changes: found }, () => changesText(found, zone))
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

async function show(console: Console, entry: ChangedSchedule, options: TuneOptions): Promise<void> {
  const { changedText } = await import('./schedule-output.ts')
  const { dryRun } = dryRunOf(options)
  print(console, options.json, { dryRun, ...entry }, () => changedText(entry, dryRun, options.zone))
}
