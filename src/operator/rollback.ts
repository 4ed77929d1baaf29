import { FeedCatchUp } from '../consumer/catch-up.ts'
import { KeyNamer } from '../consumer/key-namer.ts'
import { refuseDetached } from '../detachment.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import type { EventFed, Materializer, Scheduled } from '../materializer.ts'
import { pause } from '../pause.ts'
import { whileRebuilding } from '../rebuild/lock.ts'
import { rollBack } from '../rebuild/roll-back.ts'
import { rebuildTarget } from '../rebuild.ts'
import { type Generation, servingGeneration, type WarmGeneration } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'
import { definitionBefore, generationBefore } from './rollback/before.ts'
import { unfit } from './rollback/refusal.ts'
import { targetsNamed } from './targets-named.ts'

/** What was rolled back. */
export interface RolledBack {
  target: string
  /** Numbers of the generation that served, and of the one that serves now. */
  from: number
  to: number
  /** Of a view: the generation whose definition the new one was built from. */
  definitionOf?: number
  milliseconds: number
}

/** How often a worker is asked for the generation that it is bringing up to now, and milliseconds between. */
const attempts = 20
const tryAgainAfter = 500

/**
 * Goes back to what served before the last rebuild: a table or an index that has followed since serves again, a view is built
 * again from the definition of before. Readers see nothing older than they have seen.
 *
 * @param name a target, or a read model for all of its
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, REFRESH_RUNNING, HANDLER_FAILED; ROLLBACK_IMPOSSIBLE
 * if no generation of a target follows, or it was built from another definition, or with other settings, than those of this
 * configuration. What can be seen before is refused before anything is changed
 */
export async function rollback(toolkit: Toolkit, name: string): Promise<RolledBack[]> {
  const materializers: Materializer[] = []
  for (const target of targetsNamed(toolkit, [name])) {
    await refuseDetached(toolkit.pool, 'rollback', target)
    const materializer = await toolkit.current(target)
    await (materializer.fedBy === 'events' ? generationBefore(materializer) : definitionBefore(materializer))
    materializers.push(materializer)
  }
  const done: RolledBack[] = []
  for (const one of materializers) done.push(await rollBackTarget(toolkit, one))
  return done
}

async function rollBackTarget(toolkit: Toolkit, materializer: Materializer): Promise<RolledBack> {
  const began = performance.now()
  const { target } = materializer.context
  const serving = await servingGeneration(toolkit.pool, target)
  const done =
    materializer.fedBy === 'events'
      ? await whileRebuilding(toolkit.config.database, target, () => serveAgain(toolkit, materializer))
      : await buildAgain(materializer)
  if (!done) throw running(target)
  return { target, from: serving?.number ?? done.to, ...done, milliseconds: Math.round(performance.now() - began) }
}

async function serveAgain(toolkit: Toolkit, materializer: EventFed): Promise<Pick<RolledBack, 'to'>> {
  const before = await generationBefore(materializer)
  for (let attempt = 1; ; attempt++) {
    try {
      const { number } = await rollBack(materializer, before, {
        catchUp: catchUpOf(toolkit, materializer, before),
        warmFor: toolkit.config.keepWarm,
      })
      return { to: number }
    } catch (error) {
      if (!isTrifoldError(error, 'LEASE_LOST')) throw error
      if (typeof error.details.unfit === 'string') throw unfit(before, error.details.unfit)
      if (attempt === attempts) throw error
      await pause(tryAgainAfter, new AbortController().signal)
    }
  }
}

/** Its keys are read from its definition until it serves. */
const catchUpOf = (toolkit: Toolkit, materializer: EventFed, warm: WarmGeneration): FeedCatchUp => {
  const { definition, model } = materializer.context
  return new FeedCatchUp(materializer, new KeyNamer(definition, model, toolkit.config.events), warm, { parks: false })
}

/**
 * A view would have to be refreshed before it serves, which costs what building it does. So none is kept: it would need its
 * space, and keep the columns that it reads from being dropped.
 */
async function buildAgain(materializer: Scheduled): Promise<Pick<RolledBack, 'to' | 'definitionOf'> | undefined> {
  const { number: definitionOf } = await definitionBefore(materializer)
  const reason = `rolled back to the definition of generation ${definitionOf}`
  const built: Generation | undefined = await rebuildTarget(materializer, reason, { evenIfFit: true })
  return built && { to: built.number, definitionOf }
}

const running = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `rollback: ${target} is being rebuilt by another process now; look at \`trifold status\`, and cancel it or wait for it`,
  )
