import type { ResolvedConfig } from 'trifold/internal/config'
import { isTrifoldError, TrifoldError } from 'trifold/internal/errors'
import type { Toolkit } from 'trifold/internal/toolkit'
import type { LoadLimits } from '../limits.ts'
import type { ProductionSigns } from '../production.ts'
import type { LoadSource } from './protocol.ts'
import { checkReplay, pastTransactions } from './replay.ts'
import { warmUps } from './run-load.ts'
import { loadWorkload } from './workload.ts'

/**
 * The load of a comparison: the workload that is named, else a replay if one does no harm.
 *
 * @param config the application's own, with all its read models: a replay reaches them all
 * @throws COMPARE_WORKLOAD, COMPARE_REPLAY, COMPARE_TOO_LITTLE, EVENT_UNKNOWN, EVENT_INVALID
 */
export async function chooseLoad(
  config: ResolvedConfig,
  toolkit: Toolkit,
  readModel: string,
  limits: LoadLimits,
  options: { workload?: string | undefined; replay?: boolean | undefined },
  signs: ProductionSigns,
): Promise<LoadSource> {
  const file = options.workload ?? config.workloadFile
  if (file !== undefined && !options.replay) {
    await loadWorkload(file) // the process that writes loads it again; here it is only looked at early
    return { kind: 'rate', workload: file }
  }
  const replay = () => openReplay(config, toolkit, readModel, limits, signs)
  if (options.replay) return replay()
  return replay().catch((cause) => {
    throw isTrifoldError(cause) ? withoutWorkload(cause) : cause
  })
}

async function openReplay(
  config: ResolvedConfig,
  toolkit: Toolkit,
  readModel: string,
  { rate, seconds }: LoadLimits,
  { writes }: ProductionSigns,
): Promise<LoadSource> {
  if (writes) throw writtenMeanwhile(writes)
  const model = config.readModels[readModel]!
  const whole = warmUps + Math.ceil(rate * seconds) // then one round is the whole load, and nothing of it is left
  const past = await pastTransactions(toolkit.pool, [readModel, model], whole)
  checkReplay(config.readModels, config.events, past)
  return { kind: 'replay', past }
}

/** An old event that is appended after a new one of its aggregate would stay the last word on it: not even with --yes. */
const writtenMeanwhile = (writes: string): TrifoldError =>
  new TrifoldError(
    'COMPARE_REPLAY',
    `compare: events cannot be appended again while ${writes}: an old one could follow a new one of the same aggregate; ` +
      'stop the application, or give a workload (--workload FILE)',
  )

const withoutWorkload = (cause: TrifoldError): TrifoldError =>
  new TrifoldError(
    'COMPARE_WORKLOAD',
    'compare: there is no workload (--workload FILE, or `workload` in the configuration), and the events of the outbox ' +
      `cannot replace one: ${cause.message.replace(/^compare: /, '')}`,
    { cause, details: { replay: cause.code } },
  )
