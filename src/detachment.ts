import type pg from 'pg'
import { TrifoldError } from './errors.ts'
import { type Detachment, readDetachment } from './schema/detachments.ts'
import { parseTarget } from './target.ts'

export type { Detachment, DetachmentState } from './schema/detachments.ts'

/** The advisory lock of the commands that detach and attach a read model; see `lockHeld` in `sql.ts`. */
export const detachmentLock = (readModel: string): string => `detach ${readModel}`

/** A read model as a part of Trifold knows it. */
interface Known {
  /** The read model. */
  name: string
  /** When it was last attached, as of its definition in memory. */
  attachedAt?: string | undefined
}

/**
 * Whether the targets of a read model may be changed by a process: `held` while it is detached, `outdated` if it was
 * attached since the process read its definition.
 */
export async function attachment(
  client: Pick<pg.ClientBase, 'query'>,
  { name, attachedAt }: Known,
): Promise<'attached' | 'held' | 'outdated'> {
  const found = await readDetachment(client, name)
  if (!found) return 'attached'
  if (isHeld(found)) return 'held'
  return found.attachedAt === attachedAt ? 'attached' : 'outdated'
}

/** Whether the targets of the read model are held. */
export const isHeld = (detachment: Detachment | undefined): detachment is Detachment & { attachedAt: undefined } =>
  detachment !== undefined && detachment.attachedAt === undefined

/** What a detached target refuses, beside reads that wait. */
export type HeldPart = 'rebuild' | 'refresh' | 'verify' | 'retry' | 'switch' | 'rollback' | 'export'

/** @throws TARGET_DETACHED if the read model of the target is detached */
export async function refuseDetached(
  client: Pick<pg.ClientBase, 'query'>,
  part: HeldPart,
  target: string,
): Promise<void> {
  const found = await readDetachment(client, parseTarget(target).readModel)
  if (isHeld(found)) throw detached(part, target, found.detachedAt)
}

/** Refuses what a detached target cannot do. @param since when it was detached */
export function detached(part: HeldPart | 'query', target: string, since: string): TrifoldError {
  const { readModel: name } = parseTarget(target)
  const what =
    part === 'query'
      ? `it shows no later commit until \`trifold target attach ${name}\`; read without \`after\`, or wait for that`
      : `run \`trifold target attach ${name}\` after the migration`
  return new TrifoldError('TARGET_DETACHED', `${part}: ${target} has been detached since ${since}: ${what}`, {
    details: { target, since },
  })
}
