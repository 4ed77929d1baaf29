import type { Generation } from './generation.ts'
import type { Lease } from './lease.ts'
import type { CatchUp, Materializer } from './materializer.ts'
import { elapsed, failureOf, type Observe } from './observe.ts'
import { whileFilling } from './rebuild/lock.ts'

/** How the fill of a target is stopped and watched. */
export interface FillOptions {
  signal?: AbortSignal
  observe?: Observe | undefined
}

/**
 * Builds the next generation of a target under its lock, and serves it.
 *
 * @param reason why: it is kept with the generation
 * @param lease of the generation that stands, where the caller holds it: the fill is given up if it was lost meanwhile
 * @param anew also where a generation stands that is fit
 * @param catchUp lets the new generation catch up with one that a worker keeps current meanwhile
 * @returns undefined where somebody else is filling the target now
 */
export function fillTarget(
  materializer: Materializer,
  reason: string,
  options: FillOptions & {
    lease?: Lease | undefined
    anew?: boolean
    catchUp?: ((generation: Generation) => CatchUp) | undefined
  } = {},
): Promise<Generation | undefined> {
  const { target, databaseUrl } = materializer.context
  const { lease, anew, catchUp, observe, signal } = options
  return whileFilling(databaseUrl, target, async () => {
    const standing = lease || anew ? undefined : await materializer.prepare()
    if (standing?.state === 'ready') return standing.generation // somebody was faster
    const began = performance.now()
    observe?.({ kind: 'rebuild.started', target, reason })
    const onProgress =
      observe &&
      ((rows: number, total: number | undefined) =>
        observe({ kind: 'rebuild.progressed', target, rows, ...(total !== undefined && { total }) }))
    try {
      const generation = await materializer.fill(
        { reason, ...(onProgress && { onProgress }), ...(signal && { signal }), ...(catchUp && { catchUp }) },
        lease,
      )
      observe?.({ kind: 'rebuild.finished', target, generation: generation.number, ms: elapsed(began) })
      return generation
    } catch (error) {
      observe?.({ kind: 'rebuild.discarded', target, ms: elapsed(began), error: failureOf(error) })
      throw error
    }
  })
}
