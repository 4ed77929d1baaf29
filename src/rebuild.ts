import { refuseDetached } from './detachment.ts'
import type { Lease } from './lease.ts'
import type { CatchUp, Materializer } from './materializer.ts'
import type { Observe } from './observe.ts'
import { buildNext, type NextBuild } from './rebuild/build-next.ts'
import { whileRebuilding } from './rebuild/lock.ts'
import { Progress } from './rebuild/progress.ts'
import type { Generation } from './schema/generations.ts'

export type { NextBuild } from './rebuild/build-next.ts'

/**
 * Builds the next generation of a target under its lock, and serves it.
 *
 * @param reason why: it is kept with the generation
 * @param lease of the generation that serves, if the caller holds it: the rebuild ends if it was lost meanwhile
 * @param evenIfFit also if the generation that serves is fit
 * @param attaching also if its read model is detached: the rebuild is a part of attaching it
 * @param maxRate most rows a second of a copy by key ranges
 * @param verify compares the new generation with its definition before it serves
 * @param catchUp lets the new generation catch up with one that a worker keeps current meanwhile
 * @throws TARGET_DETACHED; as {@link buildNext}
 * @returns undefined if another process is rebuilding the target now
 */
export function rebuildTarget(
  materializer: Materializer,
  reason: string,
  options: {
    signal?: AbortSignal
    observe?: Observe | undefined
    lease?: Lease | undefined
    evenIfFit?: boolean
    attaching?: boolean
    catchUp?: ((generation: Generation) => CatchUp) | undefined
    maxRate?: number | undefined
    verify?: NextBuild['verify']
    warmFor?: number | undefined
  } = {},
): Promise<Generation | undefined> {
  const { target, databaseUrl, pool } = materializer.context
  const { lease, evenIfFit, attaching, catchUp, observe, signal, maxRate, verify, warmFor } = options
  return whileRebuilding(databaseUrl, target, async () => {
    if (!attaching) await refuseDetached(pool, 'rebuild', target)
    const found = lease || evenIfFit ? undefined : await materializer.prepare()
    if (found?.state === 'ready') return found.generation // somebody was faster
    const progress = observe && new Progress(observe, target)
    const onProgress = progress && ((rows: number, total: number | undefined) => progress.report(rows, total))
    return buildNext(materializer, { reason, onProgress, signal, catchUp, observe, maxRate, verify, warmFor }, lease)
  })
}
