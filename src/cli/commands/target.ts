import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { attachCommand, detachCommand } from './detach.ts'

/** `trifold target`: what an operator does to targets. */
export function targetCommand(console: Console): Command {
  return new Command('target')
    .description('resume a target that stopped, or hold targets while a migration changes their tables')
    .addCommand(resumeCommand(console))
    .addCommand(detachCommand(console))
    .addCommand(attachCommand(console))
}

const resumeCommand = (console: Console): Command =>
  withConfig(new Command('resume'))
    .argument('<target>', 'a target that stopped at an event, such as order_summary@table')
    .description('have the worker try again the event at which a target stopped, without a restart')
    .addHelpText(
      'after',
      '\nExample:\n  $ trifold target resume order_summary@table\n\n' +
        'A handler is corrected in the code that the worker has loaded: deploy and restart the worker for that. Resume after what ' +
        'was wrong outside of the code (a row, a constraint) has been put right, or to run corrected handlers of the same `version`.',
    )
    .action((target: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { resumeTarget } = await import('../../operator/resume.ts')
        const resumed = await resumeTarget(toolkit, target)
        print(console, options.json, resumed, () => `resumed ${target}, which had stopped: ${resumed.failure.message}`)
      }),
    )
