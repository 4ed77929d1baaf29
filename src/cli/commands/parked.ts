import { Command } from 'commander'
import type { ParkedEvent } from '../../operator/parked.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { describeFailure, showTargetFailure } from '../failure.ts'

interface ListOptions extends ConfigOptions {
  target?: string
}

type Operator = typeof import('../../operator/parked.ts')

/** `trifold parked`: the events that targets went past without their handler. */
export function parkedCommand(console: Console): Command {
  const parked = new Command('parked').description('show, retry and discard the events that targets could not take')
  parked.addCommand(
    withConfig(new Command('list'))
      .description('show the parked events, the newest first')
      .option('-t, --target <name>', 'only those of one target, such as order_summary@table')
      .addHelpText('after', '\nExample:\n  $ trifold parked list --target order_summary@table')
      .action((options: ListOptions) =>
        using(console, options, async (toolkit, operator) => {
          const events = await operator.parkedEvents(toolkit, options.target)
          const text = () => events.map(line).join('\n') || 'no event is parked'
          print(console, options.json, { parked: events }, text)
        }),
      ),
  )
  parked.addCommand(
    one('show', 'show a parked event with its payload', console, async (toolkit, operator, id) => {
      const event = await operator.parkedEvent(toolkit, id)
      return { event, text: `${line(event)}\n${event.message}\n${event.payload}` }
    }),
  )
  parked.addCommand(retryCommand(console))
  parked.addCommand(
    one('discard', 'forget a parked event, whatever its rows say', console, async (toolkit, operator, id) => {
      const event = await operator.discardParked(toolkit, id)
      return { event, text: `discarded ${line(event)}` }
    }),
  )
  return parked
}

interface RetryOptions extends ConfigOptions {
  all?: string
}

const retryCommand = (console: Console): Command =>
  withConfig(new Command('retry'))
    .description('run the mended handlers of parked events to learn their keys, and recompute these')
    .argument('[ids...]', 'as `trifold parked list` shows them')
    .option('--all <target>', 'all that are parked for a target, such as order_summary@table')
    .addHelpText(
      'after',
      '\nExamples:\n  $ trifold parked retry 7 8\n  $ trifold parked retry --all order_summary@table',
    )
    .action((ids: string[], options: RetryOptions, command: Command) => {
      const hasIds = ids.length > 0
      if (hasIds === (options.all !== undefined)) command.error("error: name ids, or a target with '--all'")
      return using(console, options, (toolkit, operator) => runRetry(console, toolkit, operator, ids, options))
    })

/** Goes past those that still fail, and names them: exit code 1. */
async function runRetry(
  console: Console,
  toolkit: Toolkit,
  operator: Operator,
  ids: string[],
  { all, json }: RetryOptions,
): Promise<void> {
  const { retryAllParked } = await import('../../operator/retry-parked.ts')
  const wanted = all === undefined ? ids : (await operator.parkedEvents(toolkit, all)).map(({ id }) => id)
  const { retried, failed } = await retryAllParked(toolkit, wanted)
  const failures = failed.map(({ event, error }) => ({ id: event.id, target: event.target, ...describeFailure(error) }))
  const lines = retried.map(
    ({ id, ordinal, type, target }) => `retried ${id}: recomputed the keys of event ${ordinal} (${type}) in ${target}`,
  )
  if (json || lines.length > 0 || failures.length === 0)
    print(console, json, { retried, failed: failures }, () => lines.join('\n') || 'no event is parked')
  for (const failure of failures) showTargetFailure(console, failure.target, failure)
  if (failures.length > 0) console.exitCode = 1
}

const one = (
  name: string,
  description: string,
  console: Console,
  work: (toolkit: Toolkit, operator: Operator, id: string) => Promise<{ event: ParkedEvent; text: string }>,
): Command =>
  withConfig(new Command(name))
    .description(description)
    .argument('<id>', 'as `trifold parked list` shows it')
    .addHelpText('after', `\nExample:\n  $ trifold parked ${name} 7`)
    .action((id: string, options: ConfigOptions) =>
      using(console, options, async (toolkit, operator) => {
        const { event, text } = await work(toolkit, operator, id)
        print(console, options.json, event, () => text)
      }),
    )

const using = (
  console: Console,
  options: ConfigOptions,
  work: (toolkit: Toolkit, operator: Operator) => Promise<void>,
): Promise<void> =>
  withToolkit(console, options, async (toolkit) => work(toolkit, await import('../../operator/parked.ts')))

function line({ id, target, ordinal, type, aggregate, code, suspectKeys, keysUnknown }: ParkedEvent): string {
  const suspect = keysUnknown
    ? 'every key is suspect'
    : suspectKeys.length > 0
      ? `suspect: ${suspectKeys.join(', ')}`
      : ''
  return `${id}  ${target}  event ${ordinal} (${type}, ${aggregate})  ${code}${suspect && `  ${suspect}`}`
}
