import { FeedCatchUp } from '../consumer/catch-up.ts'
import { KeyNamer } from '../consumer/key-namer.ts'
import { attachment } from '../detachment.ts'
import { isTrifoldError } from '../errors.ts'
import { dropUnserved } from '../generation.ts'
import type { EventFed } from '../materializer.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { whileRebuilding } from '../rebuild/lock.ts'
import { coolGeneration, isBehind, type WarmGeneration, warmGeneration } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'

/** Milliseconds between two looks at what the generations that were replaced have missed. */
const followEvery = 2_000

/** What passes by itself: another process follows, or an engine does not answer. */
const passing = [
  'LEASE_LOST',
  'DATABASE_UNREACHABLE',
  'DATABASE_STANDBY',
  'HANDLERS_OUTDATED',
  'SEARCH_UNREACHABLE',
  'SEARCH_FAILED',
] as const

/**
 * Lets the generations follow that rebuilds have replaced, until the signal aborts: the keys that the handlers of today name are
 * read again from the definition that a generation was built from. It is dropped when its time is over.
 */
export async function keepFollowing(
  toolkit: Toolkit,
  targets: readonly EventFed[],
  { signal, observe }: { signal: AbortSignal; observe?: Observe | undefined },
): Promise<void> {
  while (!signal.aborted) {
    for (const one of targets) if (!signal.aborted) await follow(toolkit, one, { signal, observe }).catch(() => {}) // again later
    await pause(followEvery, signal)
  }
}

/** Brings the generation of a target that follows up to now. */
export async function follow(
  toolkit: Toolkit,
  { context }: EventFed,
  { signal, observe }: { signal?: AbortSignal; observe?: Observe | undefined } = {},
): Promise<void> {
  const { target, pool } = context
  const warm = await warmGeneration(pool, target)
  if (!warm || (await attachment(pool, context)) === 'held') return // a migration may be why its definition does not run
  try {
    if (warm.isOver) await drop(toolkit, target)
    else if (await isBehind(pool, warm)) await catchUp(toolkit, warm, signal)
  } catch (error) {
    if (signal?.aborted || !isTrifoldError(error)) throw error
    const { unfit } = error.details
    if (unfit === undefined && passing.some((code) => isTrifoldError(error, code))) throw error
    await coolGeneration(pool, warm, typeof unfit === 'string' ? unfit : error.message)
    observe?.({ kind: 'generation.cold', target, generation: warm.number, error: failureOf(error) })
  }
}

async function catchUp(toolkit: Toolkit, warm: WarmGeneration, signal: AbortSignal | undefined): Promise<void> {
  const materializer = await toolkit.warm(warm)
  const { definition, model } = (await toolkit.current(warm.target)).context
  const projector = new KeyNamer(definition, model, toolkit.config.events)
  const { handlersVersion } = warm
  const feed = new FeedCatchUp(materializer, projector, warm, { signal, handlersVersion, parks: false })
  try {
    await feed.nearly()
  } finally {
    await feed.close()
    await materializer.close()
  }
}

const drop = (toolkit: Toolkit, target: string): Promise<unknown> =>
  whileRebuilding(toolkit.config.database, target, async () => {
    const materializer = await toolkit.current(target)
    const client = await toolkit.pool.connect()
    try {
      await dropUnserved(client, target, (storage) => materializer.drop(client, storage))
    } finally {
      client.release()
    }
  })
