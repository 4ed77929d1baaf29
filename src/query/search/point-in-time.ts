import type { Client } from '@opensearch-project/opensearch'
import { answerOf } from '../../opensearch/client.ts'
import type { ReadIndex } from './ask.ts'

/** The engine gives up a point in time that nobody has asked for so long, in milliseconds. */
const patience = 60_000

/** How a search names a point in time. */
export interface PointInTime {
  id: string
  keep_alive: string
}

/** @param kept milliseconds until the next search */
export const pointInTime = (id: string, kept: number): PointInTime => ({ id, keep_alive: `${Math.ceil(kept)}ms` })

/** The name of an index as it is now, which the engine keeps for some milliseconds. @throws SEARCH_FAILED, SEARCH_UNREACHABLE */
export async function openPointInTime(
  client: Client,
  { index, target }: Pick<ReadIndex, 'index' | 'target'>,
  kept: number,
): Promise<string> {
  const { keep_alive } = pointInTime('', kept)
  const asked = { index: [index], keep_alive, allow_partial_pit_creation: false }
  const { pit_id } = await answerOf(`opening a point in time of ${target}`, client.createPit(asked))
  return pit_id as string
}

export async function closePointInTime(client: Client, id: string): Promise<void> {
  await client.deletePit({ body: { pit_id: [id] } }).catch(() => {}) // the engine gives it up by itself
}

/**
 * Asks an index several times as it is at one moment, whatever is written meanwhile.
 *
 * @throws SEARCH_FAILED, SEARCH_UNREACHABLE, and what `work` throws
 */
export async function atPointInTime<T>(
  client: Client,
  source: ReadIndex,
  work: (pit: PointInTime) => Promise<T>,
): Promise<T> {
  const id = await openPointInTime(client, source, patience)
  try {
    return await work(pointInTime(id, patience))
  } finally {
    await closePointInTime(client, id)
  }
}
