import { Command } from 'commander'
import type { Attached } from '../../operator/attach.ts'
import type { Detached } from '../../operator/detach.ts'
import type { Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { describeFailure, type Failure, showTargetFailure } from '../failure.ts'

interface DetachCommandOptions extends ConfigOptions {
  wait?: string
}

/** `trifold target detach`: holds the targets of a read model while a migration changes the tables under them. */
export const detachCommand = (console: Console): Command =>
  named('detach')
    .description('hold all targets of a read model for a migration: readers keep the last rows')
    .option('--wait <span>', 'how long a running refresh, and transactions that read a view, are waited for', '30s')
    .addHelpText('after', migration)
    .action((names: string[], options: DetachCommandOptions) =>
      withToolkit(console, options, (toolkit) => runDetach(console, toolkit, names, options)),
    )

/** `trifold target attach`: ends that. */
export const attachCommand = (console: Console): Command =>
  named('attach')
    .description('end that: what still means the same resumes, the rest is rebuilt beside the last rows')
    .addHelpText('after', migration)
    .action((names: string[], options: ConfigOptions) =>
      withToolkit(console, options, (toolkit) => runAttach(console, toolkit, names, options)),
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

async function runDetach(
  console: Console,
  toolkit: Toolkit,
  names: readonly string[],
  options: DetachCommandOptions,
): Promise<void> {
  const { detach } = await import('../../operator/detach.ts')
  const { wait } = options
  const { done, failed } = await each(toolkit, names, (name) => detach(toolkit, name, { wait: wait as '30s' }))
  show(console, options, { detached: done, failed }, done.flatMap(detachedLines))
}

async function runAttach(
  console: Console,
  toolkit: Toolkit,
  names: readonly string[],
  options: ConfigOptions,
): Promise<void> {
  const { attach } = await import('../../operator/attach.ts')
  const { logTo } = await import('../log.ts')
  const observe = logTo(console.stderr)
  const { done, failed } = await each(toolkit, names, (name) => attach(toolkit, name, { observe }))
  show(console, options, { attached: done, failed }, done.flatMap(attachedLines))
}

/** A read model that failed; the others go on. */
interface FailedModel {
  readModel: string
  error: Failure
}

/** No name is worked on before all are known. With a single one its failure is the command's. */
async function each<Done>(
  toolkit: Toolkit,
  names: readonly string[],
  work: (readModel: string) => Promise<Done>,
): Promise<{ done: Done[]; failed: FailedModel[] }> {
  const { readModelNamed } = await import('../../operator/detach/read-model.ts')
  const readModels = [...new Set(names.map((name) => readModelNamed(toolkit, name)))]
  const done: Done[] = []
  const failed: FailedModel[] = []
  for (const readModel of readModels) {
    try {
      done.push(await work(readModel))
    } catch (error) {
      if (readModels.length === 1) throw error
      failed.push({ readModel, error: describeFailure(error) })
    }
  }
  return { done, failed }
}

function show(
  console: Console,
  { json }: ConfigOptions,
  result: { failed: readonly FailedModel[]; detached?: readonly Detached[]; attached?: readonly Attached[] },
  lines: readonly string[],
): void {
  if (json || lines.length > 0) print(console, json, result, () => lines.join('\n'))
  for (const { readModel, error } of result.failed) showTargetFailure(console, readModel, error)
  if (result.failed.length > 0) console.exitCode = 1
}

function detachedLines({ readModel, outcome, since, targets, copied, dependents }: Detached): string[] {
  const copies = copied.length > 0 ? `; the rows of ${copied.join(', ')} are in a plain copy` : ''
  const first =
    outcome === 'already'
      ? `${readModel} has been detached since ${since} already`
      : `${readModel}: detached; held are ${targets.join(', ')}${copies}`
  const still = dependents.map(({ name, kind, reads, target }) => {
    const next = target
      ? `run \`trifold target detach ${target}\` too`
      : 'it is your own, so your migration has to drop it'
    return `${readModel}: the ${kind} ${name} still reads ${reads.join(', ')}; where that is in the way, ${next}`
  })
  return [first, ...still, `run your migration, then \`trifold target attach ${readModel}\``]
}

function attachedLines({ readModel, outcome, targets }: Attached): string[] {
  if (outcome === 'already') return [`${readModel} is not detached`]
  return targets.map(({ target, reason }) =>
    reason ? `${target}: rebuilt, because ${reason}` : `${target}: resumed, as its definition means what it meant`,
  )
}
