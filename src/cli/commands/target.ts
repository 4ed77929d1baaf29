import { Command } from 'commander'
import { TrifoldError } from '../../errors.ts'
import type { Adoption } from '../../operator/adopt.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'

/** `trifold target`: what an operator does to targets. */
export function targetCommand(console: Console): Command {
  return new Command('target')
    .description('resume, detach, attach, adopt or remove targets')
    .addCommand(resumeCommand(console))
    .addCommand(detachCommand(console))
    .addCommand(attachCommand(console))
    .addCommand(adoptCommand(console))
    .addCommand(removeCommand(console))
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

/** `trifold target adopt`: ends the refusal of an index that another database has written. */
const adoptCommand = (console: Console): Command =>
  withConfig(new Command('adopt'))
    .argument('<target>', 'a search target whose index belongs to another database, such as order_summary@search')
    .description('make the indexes of a target the property of this database')
    .addHelpText(
      'after',
      '\nExample:\n  $ trifold target adopt order_summary@search\n\n' +
        'Run it after a dump was restored into another cluster, a snapshot of the volume was put back, or a copy has taken the place of ' +
        'its original. A running worker builds the index again, and workers of the other database write it no more. If both go on, set another ' +
        '`indexPrefix` for one of them.',
    )
    .action((target: string, options: ConfigOptions) =>
      withToolkit(console, options, async (toolkit) => {
        const { adoptTarget } = await import('../../operator/adopt.ts')
        const adoption = await adoptTarget(toolkit, target)
        print(console, options.json, adoption, () => adopted(adoption))
      }),
    )

const adopted = ({ target, indexes }: Adoption): string =>
  indexes.length === 0
    ? `${target} has no index of another database`
    : `adopted ${indexes.join(', ')}; a running worker builds ${target} again`

/** `trifold target remove`: takes a target away with all that belongs to it. */
const removeCommand = (console: Console): Command =>
  withConfig(new Command('remove'))
    .argument('<target>', 'a target, such as order_summary@search; it need not be in the configuration any more')
    .option('--yes', 'also if the configuration has it: a worker would build it again')
    .description('drop the relations or indexes of a target, its names, its cursor, schedule and history')
    .addHelpText(
      'after',
      '\nExample:\n  $ trifold target remove order_summary@search\n\n' +
        'Take the target out of the configuration and restart the workers first. Your tables and the outbox stay as they are.',
    )
    .action((target: string, options: ConfigOptions & { yes?: boolean }) =>
      withToolkit(console, options, async (toolkit) => {
        if (!options.yes && toolkit.targetNames.includes(target)) throw configured(target)
        const { removeTarget } = await import('../../operator/remove-target.ts')
        const removal = await removeTarget(toolkit, target)
        const dropped = removal.storages.length === 0 ? 'nothing was stored' : `dropped ${removal.storages.join(', ')}`
        print(console, options.json, removal, () => `removed ${target}: ${dropped}`)
      }),
    )

const configured = (target: string): TrifoldError =>
  new TrifoldError(
    'TARGET_KEPT',
    `remove: ${target} is in the configuration, so a worker would build it again; take it out first, or add --yes`,
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
