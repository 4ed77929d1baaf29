import { type Attached, attach } from '../../operator/attach.ts'
import { readModelNamed } from '../../operator/detach/read-model.ts'
import { type Detached, detach } from '../../operator/detach.ts'
import type { Toolkit } from '../../toolkit.ts'
import type { ConfigOptions } from '../configuration.ts'
import { type Console, print } from '../console.ts'
import { describeFailure, type Failure, showTargetFailure } from '../failure.ts'
import { logTo } from '../log.ts'

/** Detaches, one read model after another. */
export async function runDetach(
  console: Console,
  toolkit: Toolkit,
  names: readonly string[],
  options: ConfigOptions & { wait?: string },
): Promise<void> {
  const { wait } = options
  const { done, failed } = await each(toolkit, names, (name) => detach(toolkit, name, { wait: wait as '30s' }))
  show(console, options, { detached: done, failed }, done.flatMap(detachedLines))
}

/** Attaches, one read model after another. */
export async function runAttach(
  console: Console,
  toolkit: Toolkit,
  names: readonly string[],
  options: ConfigOptions,
): Promise<void> {
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
