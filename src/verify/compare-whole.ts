import type { Projector } from '../consumer/projector.ts'
import type { EventFed } from '../materializer.ts'
import { comparedColumns } from './compared-columns.ts'
import type { Extent, Outcome } from './extent.ts'
import { Findings } from './findings.ts'
import { compareScanned, type Scannable } from './scanned.ts'
import type { Sitting } from './sitting.ts'
import { sittingInTime } from './sitting-in-time.ts'

/** Most rows that are compared at one snapshot, which is held as long: about ten seconds. */
const mostScanned = 2_000_000

/**
 * Compares all rows of a target at once, if its store can be scanned.
 *
 * @param expected rows of the target, as far as the engine knows
 * @returns undefined if it is to be compared by key ranges
 * @throws VERIFY_IMPOSSIBLE, TARGET_STOPPED
 */
export async function compareWhole(
  materializer: EventFed,
  projector: Projector,
  expected: number,
  extent: Extent,
): Promise<Outcome | undefined> {
  if (!materializer.freeze || !isWhole(extent) || expected > mostScanned) return undefined
  const sitting = await sittingInTime(materializer, projector, extent)
  try {
    return await compareAt(materializer, sitting, expected, extent)
  } finally {
    await sitting.close()
  }
}

const isWhole = ({ share = 1, after, limit, within }: Extent): boolean =>
  share === 1 && after === undefined && limit === undefined && within === undefined

async function compareAt(
  { context }: EventFed,
  { client, generation, snapshot, ahead, suspects, frozen }: Sitting,
  expected: number,
  { signal, onProgress }: Extent,
): Promise<Outcome | undefined> {
  if (!frozen?.scan) return undefined
  const { definition } = context
  const { columns, leftOut } = await comparedColumns(context, generation)
  const scene = { definition, client, wanted: { definition }, columns, ahead }
  const compared = await compareScanned(scene, frozen as Scannable, { signal })
  if (!compared) return undefined
  const findings = new Findings()
  findings.add(compared, suspects)
  onProgress?.(findings.rows, expected)
  return { findings, generation, snapshot, leftOut }
}
