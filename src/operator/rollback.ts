import { FeedCatchUp } from '../consumer/catch-up.ts'
import { KeyNamer } from '../consumer/key-namer.ts'
import { refuseDetached } from '../detachment.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import type { EventFed } from '../materializer.ts'
import { pause } from '../pause.ts'
import { whileRebuilding } from '../rebuild/lock.ts'
import { rollBack } from '../rebuild/roll-back.ts'
import { coldReason, servingGeneration, type WarmGeneration, warmGeneration } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'
import { targetsNamed } from './targets-named.ts'

/** What was rolled back. */
export interface RolledBack {
  target: string
  /** Numbers of the generation that served, and of the one that serves again. */
  from: number
  to: number
  milliseconds: number
}

/** How often a worker is asked for the generation that it is bringing up to now, and milliseconds between. */
const attempts = 20
const tryAgainAfter = 500

/**
 * Serves the generation again that the last rebuild of a table has replaced, and that has followed since. Readers see nothing
 * older than they have seen.
 *
 * @param name a target, or a read model for its table
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, HANDLER_FAILED; ROLLBACK_IMPOSSIBLE if no
 * generation follows, or it was built from another definition than the one of this configuration: nothing has changed then
 */
export async function rollback(toolkit: Toolkit, name: string): Promise<RolledBack> {
  const began = performance.now()
  const target = tableNamed(toolkit, name)
  await refuseDetached(toolkit.pool, 'rollback', target)
  const materializer = await toolkit.current(target)
  if (materializer.fedBy !== 'events' || !materializer.features.transactional) throw keepsNone(target)
  const done = await whileRebuilding(toolkit.config.database, target, () => carryOut(toolkit, materializer))
  if (!done) throw running(target)
  return { target, ...done, milliseconds: Math.round(performance.now() - began) }
}

function tableNamed(toolkit: Toolkit, name: string): string {
  const targets = targetsNamed(toolkit, [name])
  const table = targets.find((target) => target.endsWith('@table'))
  if (table) return table
  throw keepsNone(name)
}

async function carryOut(toolkit: Toolkit, materializer: EventFed): Promise<{ from: number; to: number }> {
  const { context } = materializer
  const { pool } = context
  const warm = await warmGeneration(pool, context.target)
  if (!warm || warm.isOver) throw nothingWarm(context.target, await coldReason(pool, context.target))
  if (warm.definitionHash !== context.definition.hash) throw otherDefinition(warm, materializer)
  const serving = await servingGeneration(pool, context.target)
  for (let attempt = 1; ; attempt++) {
    try {
      const { number } = await rollBack(materializer, warm, {
        catchUp: catchUpOf(toolkit, materializer, warm),
        warmFor: toolkit.config.keepWarm,
      })
      return { from: serving?.number ?? number, to: number }
    } catch (error) {
      if (!isTrifoldError(error, 'LEASE_LOST') || attempt === attempts) throw error
      await pause(tryAgainAfter, new AbortController().signal)
    }
  }
}

/** Its keys are read from its definition until it serves. */
const catchUpOf = (toolkit: Toolkit, materializer: EventFed, warm: WarmGeneration): FeedCatchUp => {
  const { definition, model } = materializer.context
  return new FeedCatchUp(materializer, new KeyNamer(definition, model, toolkit.config.events), warm, { parks: false })
}

const keepsNone = (name: string): TrifoldError =>
  new TrifoldError(
    'ROLLBACK_IMPOSSIBLE',
    `rollback: ${name} has no table: views and indexes keep no generation that follows; run \`trifold rebuild ${name}\``,
  )

const nothingWarm = (target: string, reason: string | undefined): TrifoldError =>
  new TrifoldError(
    'ROLLBACK_IMPOSSIBLE',
    `rollback: no generation of ${target} follows${reason ? `: the one before stopped to, because ${reason}` : ''}; ` +
      `run \`trifold rebuild ${target}\`, and set \`keepWarm\` so that the next rebuild leaves one`,
  )

const otherDefinition = ({ number, definitionVersion }: WarmGeneration, { context }: EventFed): TrifoldError =>
  new TrifoldError(
    'ROLLBACK_IMPOSSIBLE',
    `rollback: generation ${number} of ${context.target} was built from version ${definitionVersion} of the definition, and this configuration has ` +
      `${context.definition.file}; deploy the code and the definition of before to the workers and here, then run it again`,
  )

const running = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `rollback: ${target} is being rebuilt by another process now; look at \`trifold status\`, and cancel it or wait for it`,
  )
