import { Command } from 'commander'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

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

interface DetachCommandOptions extends ConfigOptions {
  wait?: string
}

/** `trifold target detach`: holds the targets of a read model while a migration changes the tables under them. */
const detachCommand = (console: Console): Command =>
  named('detach')
    .description('hold all targets of a read model for a migration: readers keep the last rows')
    .option('--wait <span>', 'how long a running refresh, and transactions that read a view, are waited for', '30s')
    .addHelpText('after', migration)
    .action((names: string[], options: DetachCommandOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { runDetach } = await import('./detach-run.ts')
        await runDetach(console, toolkit, names, options)
      }),
    )

/** `trifold target attach`: ends that. */
const attachCommand = (console: Console): Command =>
  named('attach')
    .description('end that: what still means the same resumes, the rest is rebuilt beside the last rows')
    .addHelpText('after', migration)
    .action((names: string[], options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { runAttach } = await import('./detach-run.ts')
        await runAttach(console, toolkit, names, options)
      }),
    )

const named = (verb: string): Command =>
  withConfig(new Command(verb)).argument(
    '<names...>',
    'read models, such as order_summary; a target (order_summary@view) stands for its read model',
  )

const migration = `
Example:
  $ trifold target detach order_summary
  $ npx node-pg-migrate up
  $ trifold target attach order_summary

Workers pause while a read model is detached, its events are kept, and reads with a commit token fail at once. Both
commands may be repeated, and finish what was interrupted.`
