import type pg from 'pg'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Cursor, Feed, FeedEvent, Page, PageEnd } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { failureOf, type Observe } from '../observe.ts'
import { clearFailure } from '../schema/consumers.ts'
import { countRecent, insertParked, isParkedWithoutKeys, recentEvents } from '../schema/parked.ts'
import { addSuspectKeys, clearSuspectsOf } from '../schema/suspect-keys.ts'
import type { Projector } from './projector.ts'
import { recomputeEach, recomputeIn, recomputeSuspects } from './recompute.ts'
import { isRefusal } from './refusal.ts'

/** More parked events than this, and a larger share of the last thousand, stop the target. */
const mostParked = 20
const largestShare = 0.05

const nothing: Changes = { byKey: new Map(), wheres: [] }

/** What parks events: a consumer's session. */
interface Session {
  materializer: EventFed
  projector: Projector
  feed: Feed
  client: pg.ClientBase
  lease: Lease
  observe?: Observe | undefined
}

const parkable = new Set(['HANDLER_FAILED', 'HANDLER_UNKNOWN_COLUMN', 'HANDLER_BLOCKED', 'PROCESS_ENDED'])

/** Whether a target may go on without the event that an error names. */
export const mayPark = ({ model }: EventFed['context'], error: unknown): error is TrifoldError =>
  model.onFailure !== 'stop' &&
  isTrifoldError(error) &&
  error.details.ordinal !== undefined &&
  (parkable.has(error.code) || isRefusal(error))

/**
 * Goes past the event behind the cursor without its handler. The event and the keys that it may have changed are recorded
 * first, then their rows are read from the definition as if the handler had said so, in the page that moves the cursor. A
 * row that cannot be kept either leaves its key suspect.
 *
 * @returns false if the lease is lost
 * @throws PARKED_TOO_MANY if the target stops instead
 */
export async function park(session: Session, error: TrifoldError): Promise<boolean> {
  const { materializer, projector, feed, client, lease, observe } = session
  const page = await nextEvent(feed, lease.cursor)
  const event = page?.events[0]
  if (!page || !event || event.ordinal !== error.details.ordinal) throw error
  await refuseTooMany(session, event, error)
  const { target, model } = materializer.context
  const { code, message } = error
  const { ordinal, position, type } = event
  const isEnding = error === lease.ending
  const wasAsked = isEnding && (await isParkedWithoutKeys(client, lease.generation.id, ordinal))
  // Recorded before it is asked for its keys, which may end the process as well: then nobody asks again.
  const id = await insertParked(client, lease, {
    ...{ target, window: page.window.id, ordinal, position, code, message },
    handlersVersion: model.version ?? 1,
  })
  if (id === undefined) return false
  const changes = wasAsked ? undefined : projector.recomputes({ event, lease }, !isEnding)
  const keys = changes && changes.wheres.length === 0 ? [...changes.byKey.keys()] : undefined
  await addSuspectKeys(client, lease, id, keys)
  await faultPoint('park:recorded')
  if (!(await settle(session, page, changes, id))) return false
  observe?.({
    kind: 'event.parked',
    target,
    type,
    ordinal,
    position,
    keys: keys?.length ?? null,
    error: failureOf(error),
  })
  return true
}

/** A page of the next event; a window without any, as a recompute makes one, may lie before it. */
async function nextEvent(feed: Feed, cursor: Cursor): Promise<Page | undefined> {
  let page = await feed.read(cursor, 1)
  while (page?.events.length === 0) page = await feed.read(page.end, 1)
  return page
}

async function refuseTooMany({ client, lease }: Session, event: FeedEvent, error: TrifoldError): Promise<void> {
  const { target, id } = lease.generation
  const parked = (await countRecent(client, id, event.ordinal)) + 1
  const recent = Math.min(recentEvents, event.ordinal)
  if (parked <= mostParked || parked <= largestShare * recent) return
  throw new TrifoldError(
    'PARKED_TOO_MANY',
    `consumer: ${target} stopped: ${parked - 1} of its last ${recent} events are parked, and now ${error.message}; ` +
      `correct the handlers and restart the worker, then \`trifold parked retry\` them`,
    { cause: error, details: error.details },
  )
}

/** Recomputes what is known, and moves the cursor. @returns false if the lease is lost */
async function settle(session: Session, page: PageEnd, changes: Changes | undefined, id: string): Promise<boolean> {
  const { materializer, client, lease } = session
  if (changes) {
    const outcome = await recomputeIn(session, page, changes)
    if (outcome === 'applied') await clearSuspectsOf(client, id)
    if (outcome !== 'refused') return outcome === 'applied'
    const here = { ...page, end: lease.cursor, snapshot: undefined }
    if (!(await recomputeEach(session, here, changes.byKey))) return false
  }
  return (await materializer.apply(page, nothing, lease, client)).kind === 'applied'
}

/**
 * Parks an event that ended a process later than it was applied: its rows are right, and so is what follows.
 *
 * @returns false if the lease is lost
 */
async function parkPassed(session: Omit<Session, 'feed'>, error: TrifoldError): Promise<boolean> {
  const { materializer, client, lease } = session
  const { target, model } = materializer.context
  const { code, message, details } = error
  const { ordinal, position } = details as { ordinal: number; position: number }
  const id = await insertParked(client, lease, {
    ...{ target, window: lease.cursor.window, ordinal, position, code, message },
    handlersVersion: model.version ?? 1,
  })
  if (id === undefined) return false
  await clearFailure(client, target)
  lease.ending = undefined
  return true
}

/**
 * What a session does before its first page: an event that ended the process before is parked if it was applied already,
 * and skipped when it comes if not; suspect keys are recomputed.
 *
 * @returns false if the lease is lost
 * @throws HANDLER_BLOCKED or PROCESS_ENDED if that event stops its target
 */
export async function beginAfterFailures(session: Omit<Session, 'feed'>): Promise<boolean> {
  const { materializer, lease } = session
  const { ending, cursor } = lease
  if (ending && !mayPark(materializer.context, ending)) throw ending
  if (ending && Number(ending.details.ordinal) <= cursor.ordinal && !(await parkPassed(session, ending))) return false
  return recomputeSuspects(session)
}
