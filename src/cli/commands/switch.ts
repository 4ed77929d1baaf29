import { Command } from 'commander'
import type { Switched, SwitchTo } from '../../operator/switch.ts'
import type { Span } from '../../span.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface SwitchCommandOptions extends ConfigOptions {
  to?: string
  reset?: boolean
  timeout?: string
}

/** `trifold switch`: chooses the target behind requests that name none. */
export function switchCommand(console: Console): Command {
  return withConfig(new Command('switch'))
    .description('choose the target that requests without `from`, and the serving name, go to')
    .argument('<read-model>', 'a read model, such as order_summary')
    .option('--to <target>', 'one of its targets: table, view or search')
    .option('--reset', 'return to what the configuration says')
    .option('--timeout <span>', 'longest wait until the new target shows all that the old one has shown', '1m')
    .addHelpText('after', help)
    .action((readModel: string, options: SwitchCommandOptions, command: Command) => {
      const wanted = wantedOf(options, command)
      return withToolkit(console, options, async (toolkit) => {
        const { switchTarget } = await import('../../operator/switch.ts')
        const { inSeconds } = await import('../../operator/figures.ts')
        const onHold = ({ targets, expected }: { targets: string[]; expected: number | undefined }) => {
          const length = expected === undefined ? '' : `, about ${inSeconds(expected)}`
          console.stderr.write(`${targets.join(' and ')} held still until the new target has caught up${length}\n`)
        }
        const timeout = options.timeout as Span | undefined
        const switched = await switchTarget(toolkit, readModel, wanted, { timeout, onHold })
        print(console, options.json, switched, () => switchedText(switched, inSeconds))
      })
    })
}

function wantedOf({ to, reset }: SwitchCommandOptions, command: Command): SwitchTo {
  if ((to === undefined) === (reset === undefined)) command.error('error: give --to <target> or --reset')
  return to === undefined ? { reset: true } : { to }
}

function switchedText(
  { readModel, from, to, reset, name, waited, held }: Switched,
  inSeconds: (milliseconds: number) => string,
): string {
  const by = reset ? ', as the configuration says' : ''
  if (from === to) return `${readModel}: requests without \`from\` go to ${to}${by}, as before`
  const lines = [
    `${readModel}: requests without \`from\` go to ${to} now${by} (before: ${from})`,
    `${to} had caught up after ${inSeconds(waited)}; ${from} was held still for ${inSeconds(held)} of that`,
  ]
  if (name !== undefined)
    lines.push(`in SQL, ${readModel} shows ${name}${name === to ? '' : ', as an index has no name there'}`)
  if (from.endsWith('@search')) lines.push("requests with `text` need `from: 'search'`")
  return lines.join('\n')
}

const help = `
It is stored in the database and outranks \`serve\` of the configuration. Running applications follow at once. The command
waits until the new target shows all that the old one has shown; for the last part of that the old one is held still: its
worker pauses, and its readers see what they saw. For a view that is one refresh.

Examples:
  $ trifold switch order_summary --to view
  $ trifold switch order_summary --reset`
