import type { Generation } from './generation.ts'
import type { Lease } from './lease.ts'
import type { CatchUp, Materializer } from './materializer.ts'
import { whileFilling } from './rebuild/lock.ts'

/** How the fill of a target is stopped and watched. */
export interface FillOptions {
  signal?: AbortSignal
  /** Told what happens, a line each. */
  log?: (line: string) => void
  /** Rows written so far, and their total where it is known. */
  onFill?: ((target: string, rows: number, total: number | undefined) => void) | undefined
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
  const { lease, anew, catchUp, log = () => {}, onFill, signal } = options
  return whileFilling(databaseUrl, target, async () => {
    const standing = lease || anew ? undefined : await materializer.prepare()
    if (standing?.state === 'ready') return standing.generation // somebody was faster
    log(`${target}: filling a new generation, because ${reason}`)
    const onProgress = (rows: number, total: number | undefined) => onFill?.(target, rows, total)
    const generation = await materializer.fill(
      { reason, onProgress, ...(signal && { signal }), ...(catchUp && { catchUp }) },
      lease,
    )
    log(`${target}: generation ${generation.number} serves`)
    return generation
  })
}
