import type pg from 'pg'
import { faultPoint } from '../fault.ts'
import type { Build } from '../generation/build.ts'
import { serveGeneration } from '../generation.ts'
import { endConsumer, refuseOvertaken } from '../lease/consumer-row.ts'
import { type Generation, keepWarm } from '../schema/generations.ts'
import type { Replaced } from './cut-over.ts'

/**
 * Points the names of a target at a generation, and serves it.
 *
 * @param warmFor milliseconds for which the generation before is to follow; 0 if it is not
 */
export async function serve(
  client: pg.ClientBase,
  build: Build,
  built: Generation,
  { before, lease }: Replaced,
  warmFor: number,
): Promise<void> {
  await refuseOvertaken(client, built.target, before, lease)
  await build.publish(client, built, async () => {
    await endConsumer(client, built.target, before, lease)
    await serveGeneration(client, built)
    if (before) await keepWarm(client, before, warmFor)
    await faultPoint('rebuild:named')
  })
}
