import type { Client } from '@opensearch-project/opensearch'
import { answerOf } from '../../opensearch/client.ts'
import type { ReadIndex } from './ask.ts'

/** The engine gives up a point in time that nobody has asked for so long. */
const keepAlive = '1m'

/** How a search names a point in time. */
export interface PointInTime {
  id: string
  keep_alive: string
}

/**
 * Asks an index several times as it is at one moment, whatever is written meanwhile.
 *
 * @throws SEARCH_FAILED, SEARCH_UNREACHABLE, and what `work` throws
 */
export async function atPointInTime<T>(
  client: Client,
  { index, target }: ReadIndex,
  work: (pit: PointInTime) => Promise<T>,
): Promise<T> {
  const { pit_id } = await answerOf(
    `opening a point in time of ${target}`,
    client.createPit({ index: [index], keep_alive: keepAlive, allow_partial_pit_creation: false }),
  )
  const id = pit_id as string
  try {
    return await work({ id, keep_alive: keepAlive })
  } finally {
    await client.deletePit({ body: { pit_id: [id] } }).catch(() => {}) // the engine gives it up by itself
  }
}
