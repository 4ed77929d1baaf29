import type { Client } from '@opensearch-project/opensearch'
import { isTrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { expiredCursor, type Held, invalidCursor } from '../cursor.ts'
import { invalidQuery } from '../invalid.ts'
import type { FindPlan } from '../plan.ts'
import type { Age } from '../request.ts'
import type { ReadIndex } from './ask.ts'
import { closePointInTime, openPointInTime } from './point-in-time.ts'

/** What the pages of a request are read from: the index as it is now, or as it was at the first page. */
export interface PageSource {
  source: ReadIndex
  held?: Held
}

/**
 * Where the page of a plan is read: of pages that are held still at a point in time, which the first page opens.
 *
 * @throws CURSOR_EXPIRED if another index has taken the place of the one that was held
 */
export async function pageSource(
  client: Client,
  source: ReadIndex,
  { hold, place }: FindPlan,
  { asOf, snapshot }: Age,
): Promise<PageSource> {
  if (hold === undefined) return { source }
  const { index, filter } = await behindAlias(client, source)
  const held = place?.held
  if (held && held.index !== index) throw expiredCursor(`${source.target} has been built again`)
  const pit = held ? held.pit : await openPointInTime(client, { index, target: source.target }, hold)
  // A point in time comes from a cursor, so from a caller: it reads this index or nothing.
  const own = { bool: { filter: [...(filter ? [filter] : []), { term: { _index: index } }] } }
  return {
    source: { ...source, index, filter: own },
    held: held ?? { pit, index, ...(asOf !== undefined && { asOf }), ...(snapshot !== undefined && { snapshot }) },
  }
}

/** Pages that are held still cannot show a commit that came later. @throws QUERY_INVALID */
export function refuseWaiting({ wait, place }: FindPlan): void {
  if (wait && place?.held)
    throw invalidQuery(
      '`after` asks for a commit that the pages which `hold` keeps still may lack; leave it out, or begin again without `cursor`',
    )
}

/** The index of an alias, with the filter that the alias has: a point in time of an alias would be one of a filter that callers see. */
async function behindAlias(client: Client, source: ReadIndex): Promise<{ index: string; filter?: object }> {
  const found = await answerOf(
    `looking for the index of ${source.target}`,
    client.indices.getAlias({ name: source.index }),
  )
  const [[index, { aliases }]] = Object.entries(found) as [[string, { aliases: Record<string, { filter?: object }> }]]
  const filter = aliases[source.index]?.filter
  return { index, ...(filter && { filter }) }
}

/** What reading a held page ended with, as the fault of its cursor if it is. */
export function heldFault(error: unknown, held: Held | undefined, hold: number | undefined): unknown {
  if (held === undefined || !isTrifoldError(error, 'SEARCH_FAILED')) return error
  const { type, status } = error.details as { type?: string; status?: number }
  if (type === 'search_context_missing_exception')
    return expiredCursor(`its pages were held for ${hold} ms after the page before, and OpenSearch has let go of them`)
  return status === 400 ? invalidCursor('names no pages that are held') : error
}

/** Nobody asks for more pages. */
export const letGo = (client: Client, held: Held | undefined): Promise<void> =>
  held ? closePointInTime(client, held.pit) : Promise.resolve()

/** The age of a page: that of the first one, if it is held still. */
export function heldAge(held: Held | undefined, { asOf: now, lag }: Age): Age {
  if (held?.asOf === undefined || now === undefined) return {}
  const since = Math.max(0, Date.parse(now) - Date.parse(held.asOf))
  return {
    asOf: held.asOf,
    ...(held.snapshot && { snapshot: held.snapshot }),
    ...(lag !== undefined && { lag: lag + since }),
  }
}
