import { cancelOnAbort } from '../database/cancel.ts'
import { atSnapshot } from '../definition/at-snapshot.ts'
import { faultPoint } from '../fault.ts'
import type { Generation } from '../schema/generations.ts'
import { type Building, buildPoint, completeCopy } from './building.ts'
import { copyRanges, rangesOf } from './ranges.ts'

/**
 * Copies the rows of a definition into the storage of a generation: range by range if the definition can be read so, else at
 * one snapshot. What an interrupted rebuild has copied is not copied again.
 */
export async function copyRows(building: Building, generation: Generation): Promise<Generation> {
  if (generation.state === 'built') return generation
  const isBegun = generation.buildSnapshot !== undefined
  if (!isBegun) await building.build.create(building.client, generation)
  await faultPoint('rebuild:created')
  const ranges = await rangesOf(building, isBegun)
  const built = ranges ? await copyRanges(building, generation, ranges) : await copyAtOnce(building, generation)
  await faultPoint('rebuild:written')
  return built
}

/** Rows, snapshot and cursor commit together. The signal ends it in the middle of a statement: one may take an hour. */
async function copyAtOnce(building: Building, generation: Generation): Promise<Generation> {
  const { client, build, materializer, next } = building
  const stop = await cancelOnAbort(materializer.context.pool, client, next.signal)
  try {
    return await atSnapshot(client, generation.resolution, 'repeatable read', async () => {
      const point = await buildPoint(client)
      const rows = await build.copy(client, generation, point)
      const identity = await build.identityOf?.(generation)
      await client.query(`set local idle_in_transaction_session_timeout to default`) // others wait from here
      return completeCopy(building, generation, { ...point, rows, identity })
    })
  } finally {
    stop()
  }
}
