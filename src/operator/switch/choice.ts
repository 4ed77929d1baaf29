import { refuseDetached } from '../../detachment.ts'
import { TrifoldError } from '../../errors.ts'
import type { Materializer } from '../../materializer.ts'
import { insteadOf } from '../../query/nearest.ts'
import { configuredTargets } from '../../read-model/feed.ts'
import type { ReadModel } from '../../read-model.ts'
import { readStoppedAt } from '../../schema/consumers.ts'
import { readSwitch } from '../../schema/serving.ts'
import { targetNamed } from '../../target.ts'
import { servedBy, servedByConfiguration } from '../../toolkit/served.ts'
import type { Toolkit } from '../../toolkit.ts'

/** Where a read model is to be switched to: one of its targets (`view`, `order_summary@view`), or back to the configuration. */
export type SwitchTo = { to: string } | { reset: true }

/** What a switch changes. */
export interface Choice {
  readModel: string
  model: ReadModel
  /** The target that requests without `from` go to now. */
  from: string
  /** Where they are to go. */
  to: string
  /** What is stored; undefined for the configuration's choice. */
  stored: string | undefined
}

/**
 * What is to be switched.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN; SWITCH_IMPOSSIBLE if it is so already
 */
export async function choiceOf(toolkit: Toolkit, readModel: string, wanted: SwitchTo): Promise<Choice> {
  const { readModels } = toolkit.config
  if (!Object.hasOwn(readModels, readModel)) throw unknownModel(readModel, Object.keys(readModels))
  const model = readModels[readModel] as ReadModel
  const before = await readSwitch(toolkit.pool, readModel)
  const from = targetNamed(readModel, servedBy(model, before))
  if ('reset' in wanted) {
    if (before === undefined) throw impossible(`${readModel} follows the configuration: nothing was switched`)
    return { readModel, model, from, to: targetNamed(readModel, servedByConfiguration(model)), stored: undefined }
  }
  const to = targetOf(readModel, model, wanted.to)
  if (to === from) {
    const why = before === to ? 'an operator switched to it' : 'by the configuration'
    throw impossible(`requests for ${readModel} go to ${to} already (${why})`)
  }
  return { readModel, model, from, to, stored: to }
}

function targetOf(readModel: string, model: ReadModel, to: string): string {
  const named = to.includes('@') ? to : `${readModel}@${to}`
  const targets = configuredTargets(readModel, model).map(({ target }) => target)
  if (targets.includes(named)) return named
  throw new TrifoldError(
    'TARGET_UNKNOWN',
    `switch: ${readModel} has no target ${to}; ${insteadOf(named, targets, 'configured are')}`,
  )
}

/**
 * The target that is to serve, if it can: it is built of the definition that requests are checked by, and is kept current.
 *
 * @throws TARGET_DETACHED, TARGET_STOPPED, SWITCH_IMPOSSIBLE, DEFINITION_DRIFT, SEARCH_UNREACHABLE
 */
export async function fitToServe(toolkit: Toolkit, { to, from }: Choice): Promise<Materializer> {
  await refuseDetached(toolkit.pool, 'switch', to)
  const materializer = await toolkit.current(to)
  const { generationId, failed } = await readStoppedAt(toolkit.pool, to)
  if (generationId === undefined) throw impossible(`${to} was never built; run \`trifold rebuild ${to}\` first`)
  if (failed) throw stopped(to)
  const prepared = await materializer.prepare()
  if (prepared.state === 'ready') return materializer
  throw impossible(
    `${to} cannot answer what ${from} answers, because it must be rebuilt first (${prepared.reason}): run \`trifold rebuild ${to}\``,
  )
}

const impossible = (what: string): TrifoldError => new TrifoldError('SWITCH_IMPOSSIBLE', `switch: ${what}`)

const unknownModel = (readModel: string, known: readonly string[]): TrifoldError =>
  new TrifoldError(
    'READ_MODEL_UNKNOWN',
    `switch: there is no read model ${readModel}; ${insteadOf(readModel, known, 'configured are')}`,
  )

const stopped = (target: string): TrifoldError =>
  new TrifoldError(
    'TARGET_STOPPED',
    `switch: ${target} stopped at a failing event, so it would show nothing new; see \`trifold status\``,
  )
