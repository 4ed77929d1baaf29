import { Projector } from '../consumer/projector.ts'
import type { EventFed } from '../materializer.ts'
import type { EventRegistry } from '../outbox.ts'
import type { PlanDependent } from '../schema/generations.ts'
import { compareWhole } from './compare-whole.ts'
import { comparedColumns } from './compared-columns.ts'
import { Comparer } from './comparer.ts'
import type { Extent, Outcome } from './extent.ts'
import { Findings } from './findings.ts'
import { placesOf } from './places.ts'
import type { Sitting } from './sitting.ts'
import { sittingInTime } from './sitting-in-time.ts'

/** One snapshot is held for no longer than this, in milliseconds, if the definition can be read range by range. */
const longestSitting = 10_000

/**
 * Compares a target that events feed with its definition, while it is written. Both sides are at one snapshot by
 * construction, so what differs is wrong.
 *
 * @param expected rows of the target, as far as the engine knows
 * @throws VERIFY_IMPOSSIBLE if it is too far behind, or was never built; TARGET_STOPPED
 */
export async function compareFed(
  materializer: EventFed,
  events: EventRegistry,
  expected: number,
  extent: Extent = {},
): Promise<Outcome> {
  const { definition, model } = materializer.context
  const projector = new Projector(definition, model, events)
  const whole = await compareWhole(materializer, projector, expected, extent)
  if (whole) return whole
  const findings = new Findings()
  const began = performance.now()
  let at: { sitting: Sitting; comparer: Comparer; leftOut: PlanDependent[]; since: number } | undefined
  const scene = async () => {
    if (at && (at.comparer.isCopy || performance.now() - at.since < longestSitting)) return at
    await at?.sitting.close()
    at = undefined
    const sitting = await sittingInTime(materializer, projector, extent)
    const { columns, leftOut } = await comparedColumns(materializer.context, sitting.generation)
    const comparer = await Comparer.open(definition, columns, sitting, {
      expected: expected * (extent.share ?? 1),
      limit: extent.limit,
    })
    at = { sitting, comparer, leftOut, since: performance.now() }
    return at
  }
  try {
    for await (const [after, limit] of placesOf(
      () => scene().then(({ comparer }) => comparer),
      findings,
      expected,
      extent,
    )) {
      const { comparer, sitting } = await scene()
      findings.add(await comparer.range(after, limit), sitting.suspects)
      extent.onProgress?.(findings.rows, expected)
      if (!comparer.isCopy && performance.now() - began > (extent.within ?? Number.POSITIVE_INFINITY)) break
    }
    const { sitting, leftOut } = at ?? (await scene())
    return { findings, generation: sitting.generation, snapshot: sitting.snapshot, leftOut }
  } finally {
    await at?.sitting.close()
  }
}
