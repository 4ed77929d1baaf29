import { openClient } from '../database.ts'
import { detachmentLock, isHeld } from '../detachment.ts'
import { changedSettings } from '../drift.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import { dropRelation } from '../generation/relation.ts'
import type { Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { whileLocked } from '../rebuild/lock.ts'
import { readDetachment, recordDetachment } from '../schema/detachments.ts'
import { standingGenerations } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'
import { copyOf } from './detach/copy-view.ts'
import { readModelNamed } from './detach/read-model.ts'
import { detachRunning } from './detach.ts'
import { rebuildOpened } from './rebuild.ts'

/** How an attachment is watched and stopped. */
export interface AttachOptions {
  /** Ends a rebuild that is under way: the read model stays detached. */
  signal?: AbortSignal
  /** Called with what happens, `rebuild.progressed` for one. */
  observe?: Observe | readonly Observe[] | undefined
}

/** How a target goes on. */
export interface AttachedTarget {
  target: string
  /** `resumed`: from its cursor, as its definition means what it meant. `rebuilt`: beside the last rows. */
  outcome: 'resumed' | 'rebuilt'
  /** Why it was rebuilt. */
  reason: string | undefined
}

/** What came of attaching a read model. */
export interface Attached {
  readModel: string
  /** `already` if it was not detached. */
  outcome: 'attached' | 'already'
  targets: AttachedTarget[]
}

/**
 * Ends the detachment of a read model. A target whose definition still means the same goes on from its cursor; another, and
 * each view, is rebuilt beside the last rows, which serve until then.
 *
 * @param name a read model (`order_summary`), or one of its targets
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, DETACH_RUNNING; DEFINITION_INVALID and others that keep a target from being
 * opened or rebuilt: the read model stays detached then
 */
export async function attach(toolkit: Toolkit, name: string, options: AttachOptions = {}): Promise<Attached> {
  const readModel = readModelNamed(toolkit, name)
  const { database } = toolkit.config
  const done = await whileLocked(database, detachmentLock(readModel), async (): Promise<Attached> => {
    const before = await readDetachment(toolkit.pool, readModel)
    if (!isHeld(before)) return { readModel, outcome: 'already', targets: [] }
    await recordDetachment(toolkit.pool, readModel, 'attaching')
    await faultPoint('attach:begun')
    try {
      const targets = await goOn(toolkit, readModel, options)
      await recordDetachment(toolkit.pool, readModel, 'attached')
      return { readModel, outcome: 'attached', targets }
    } catch (error) {
      await recordDetachment(toolkit.pool, readModel, before.state)
      throw staysDetached(readModel, error)
    }
  })
  if (!done) throw detachRunning('attach', readModel)
  return done
}

/** Views come last: while one is still a copy, nothing depends on the tables, and the read model is wholly detached. */
async function goOn(toolkit: Toolkit, readModel: string, options: AttachOptions): Promise<AttachedTarget[]> {
  const names = toolkit.targetNames.filter((target) => target.startsWith(`${readModel}@`))
  const materializers = await Promise.all(names.map((target) => toolkit.renewed(target)))
  const plans = await Promise.all(
    materializers.map(async (one) => ({ materializer: one, reason: await reasonOf(one) })),
  )
  await dropUnusedCopies(toolkit, readModel)
  const done: AttachedTarget[] = []
  for (const { materializer, reason } of plans.sort(viewsLast)) {
    const { target } = materializer.context
    if (reason) await rebuildOpened(toolkit, materializer, { ...options, reason, attaching: true })
    done.push({ target, outcome: reason ? 'rebuilt' : 'resumed', reason })
    await faultPoint('attach:target')
  }
  return done
}

type Plan = { materializer: Materializer; reason: string | undefined }

const viewsLast = (a: Plan, b: Plan): number =>
  Number(a.materializer.fedBy === 'schedule') - Number(b.materializer.fedBy === 'schedule')

/** Why a target is to be rebuilt; undefined if its definition means what it meant, and its settings are as they were. */
async function reasonOf(materializer: Materializer): Promise<string | undefined> {
  try {
    const prepared = await materializer.prepare()
    if (prepared.state === 'unfit') return prepared.reason
    return changedSettings(prepared.generation.settings, materializer.settings)
  } catch (error) {
    if (!isTrifoldError(error, 'DEFINITION_DRIFT')) throw error
    return (error.details.changes as string[] | undefined)?.join('; ') ?? 'its definition has changed'
  }
}

/** Of a detachment that was interrupted before a copy took the place of its view. */
async function dropUnusedCopies({ config, pool }: Toolkit, readModel: string): Promise<void> {
  const standing = (await standingGenerations(pool, readModel)).map(({ storage }) => storage)
  const client = await openClient(config.database, { name: `attach ${readModel}` })
  try {
    for (const copy of standing.map(copyOf)) if (!standing.includes(copy)) await dropRelation(client, copy)
  } finally {
    await client.end()
  }
}

function staysDetached(readModel: string, error: unknown): unknown {
  if (!isTrifoldError(error)) return error
  const { code, message, details } = error
  const next = `then run \`trifold target attach ${readModel}\` again`
  return new TrifoldError(code, `attach: ${readModel} stays detached: ${message}; ${next}`, { cause: error, details })
}
