import { Command } from 'commander'
import type { ScheduleEntry, TuneChange } from '../../operator/schedules.ts'
import { shownTiming } from '../../timing.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface TuneOptions extends ConfigOptions {
  every?: string
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
      .description('set the interval or the cron pattern of a view; workers follow within half a minute')
      .option('--every <span>', 'an interval: 500ms, 30s, 5m, 2h')
      .option('--cron <pattern>', 'a cron pattern of five fields, or six with seconds first')
      .option('--time-zone <name>', 'the time zone of the pattern, such as Europe/Berlin (default: UTC)')
      .addHelpText('after', '\nExample:\n  $ trifold schedule tune order_summary@view --every 10s --dry-run')
      .action((target: string, options: TuneOptions, command: Command) => {
        if (options.every === undefined && options.cron === undefined) command.error('error: give --every or --cron')
        const { every, cron, timeZone } = options
        return tune(console, target, { every, cron, timeZone } as TuneChange, options)
      }),
  )
  for (const [name, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    schedule.addCommand(
      tuning(name)
        .description(paused ? 'stop the refreshes of a view' : 'go on with the refreshes of a view')
        .addHelpText('after', `\nExample:\n  $ trifold schedule ${name} order_summary@view`)
        .action((target: string, options: TuneOptions) => tune(console, target, { paused }, options)),
    )
  }
  return schedule
}

const tuning = (name: string): Command =>
  withConfig(new Command(name))
    .argument('<target>', 'a view, such as order_summary@view')
    .option('--dry-run', 'say what would stand, and change nothing')

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
    const { nextRuns, tuneSchedule } = await import('../../operator/schedules.ts')
    const dryRun = options.dryRun ?? false
    const entry = await tuneSchedule(toolkit, target, change, { dryRun })
    const next = entry.timing && !entry.paused ? await nextRuns(target, entry.timing, 3) : []
    const preview = next.length > 0 ? `\nnext: ${next.map((at) => at.toISOString()).join(', ')}` : ''
    print(
      console,
      options.json,
      { dryRun, ...entry, next },
      () => `${dryRun ? 'would be ' : ''}${entryLine(entry)}${preview}`,
    )
  })
}

function entryLine({ target, timing, paused, source, nextAt }: ScheduleEntry): string {
  const when = timing ? shownTiming(timing) : 'no schedule'
  const state = paused ? 'paused' : nextAt ? `next at ${nextAt.toISOString()}` : 'by hand only'
  return `${target}: ${when}, ${state} (${source === 'config' ? 'from the configuration' : 'set by an operator'})`
}
