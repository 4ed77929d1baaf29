import type pg from 'pg'
import { keyOfText } from '../definition/key.ts'
import type { Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { PageEnd } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { recordRecompute } from '../schema/refreshes.ts'
import { clearSuspectKeys, explainSuspectKey, readSuspectKeys } from '../schema/suspect-keys.ts'
import { windowsFrom } from '../schema/windows.ts'
import { isRefusal } from './refusal.ts'

/** Whose keys are recomputed. */
export interface Held {
  materializer: EventFed
  client: pg.ClientBase
  lease: Lease
}

/** The transaction of no event: no snapshot shows it. */
export const noTransaction = Number.MAX_SAFE_INTEGER

/**
 * Reads the suspect keys of a generation again from its definition, at the cursor, where a page without events ends. It
 * has to be the first thing that is written under an epoch: in an index its version is that of the last event.
 *
 * @returns false if the lease is lost
 */
export async function recomputeSuspects(held: Held): Promise<boolean> {
  const { materializer, client, lease } = held
  const { keys } = await readSuspectKeys(client, lease.generation.id)
  if (keys.size === 0) return true
  const { key: columns } = materializer.context.definition
  const changes = recomputesOf(new Map([...keys.keys()].map((text) => [text, keyOfText(columns, text)])), lease)
  const page = await pageHere(client, lease)
  const outcome = await recomputeIn(held, page, changes)
  return outcome === 'refused' ? recomputeEach(held, page, changes.byKey) : outcome === 'applied'
}

/** What recomputes keys at the cursor. @param keys by key text */
export function recomputesOf(keys: ReadonlyMap<string, Value[]>, { cursor }: Lease): Changes {
  const operations = [{ ordinal: cursor.ordinal, xid: noTransaction, kind: 'recompute' as const }]
  return { byKey: new Map([...keys].map(([text, key]) => [text, { key, text, operations }])), wheres: [] }
}

/** A page that ends where the cursor is. */
export async function pageHere(client: pg.ClientBase, { cursor, generation }: Lease): Promise<PageEnd> {
  const [window] = await windowsFrom(client, cursor.window, 0)
  if (window?.id === cursor.window) return { end: cursor, window, snapshot: undefined }
  throw new TrifoldError(
    'FEED_INCOMPLETE',
    `feed: window ${cursor.window}, where ${generation.target} is, is gone; rebuild it (\`trifold rebuild ${generation.target}\`)`,
  )
}

/** Each key by itself: one that cannot be kept stays suspect, the others do not. @returns false if the lease is lost */
export async function recomputeEach(held: Held, page: PageEnd, byKey: Changes['byKey']): Promise<boolean> {
  for (const [text, one] of byKey) {
    const outcome = await recomputeIn(held, page, { byKey: new Map([[text, one]]), wheres: [] })
    if (outcome === 'lost') return false
  }
  return true
}

/** Recomputes keys in one page; those that are right afterwards are suspect no more. */
export async function recomputeIn(
  { materializer, client, lease }: Held,
  page: PageEnd,
  changes: Changes,
): Promise<'applied' | 'refused' | 'lost'> {
  const keys = [...changes.byKey.keys()]
  const began = performance.now()
  try {
    if ((await materializer.apply(page, changes, lease, client)).kind === 'lost') return 'lost'
  } catch (error) {
    if (!isRefusal(error)) throw error
    for (const key of keys) await explainSuspectKey(client, lease, key, (error as Error).message)
    return 'refused'
  }
  await faultPoint('park:recomputed')
  await clearSuspectKeys(client, lease, keys)
  await recordRecompute(client, lease.generation, keys.length, performance.now() - began)
  return 'applied'
}
