import type pg from 'pg'
import { BackgroundRebuild } from './consumer/background-rebuild.ts'
import { FeedCatchUp } from './consumer/catch-up.ts'
import { Caution } from './consumer/caution.ts'
import { Checkup } from './consumer/checkup.ts'
import { recordFailure, stopsTarget } from './consumer/failure.ts'
import { differentHistory, isLeftBehind, noticeBranch } from './consumer/history.ts'
import { largestPage, PagePipeline, type PageStep } from './consumer/page-pipeline.ts'
import { beginAfterFailures, mayPark } from './consumer/parking.ts'
import type { Projector } from './consumer/projector.ts'
import type { Share } from './consumer/share.ts'
import { openClient } from './database.ts'
import { attachment } from './detachment.ts'
import { changedSettings } from './drift.ts'
import { currentEra } from './era.ts'
import { isTrifoldError } from './errors.ts'
import { type Feed, feedSettings } from './feed.ts'
import { type Keeping, keepLease } from './lease/keep.ts'
import { newOwner } from './lease/owner.ts'
import { type Lease, takeLease } from './lease.ts'
import { leaseMilliseconds } from './lease-time.ts'
import type { EventFed } from './materializer.ts'
import { failureOf, type Observe } from './observe.ts'
import { orAborted, pause } from './pause.ts'
import { type NextBuild, rebuildTarget } from './rebuild.ts'
import { clearFailure, endedProcess, readHolder, releaseLease, type StoppedAt } from './schema/consumers.ts'
import type { Generation } from './schema/generations.ts'
import type { Turns } from './turns.ts'

export interface ConsumerOptions {
  materializer: EventFed
  projector: Projector
  /** The feed of this process; it may be another one after a broken connection. */
  feed: () => Promise<Feed>
  /** Begins a new era if the database's log is an earlier one than this process has seen. */
  compareLog?: (client: pg.ClientBase) => Promise<void>
  signal: AbortSignal
  observe?: Observe | undefined
  /** Most events of a page; default 10,000. */
  pageSize?: number
  /** Milliseconds for which a table that is replaced follows; default 0. */
  warmFor?: number
  /** Compares what it builds with its definition before it serves. */
  verify?: NextBuild['verify']
  /** What the lease is taken as: the same in all consumers of a process. */
  owner?: string
  /** The part of this worker; without it, every target that can be had. */
  share?: Share
  /** Opens the connection of a session; default a separate one. */
  connect?: () => Promise<pg.Client>
  /** Who may rebuild, of several consumers. */
  building?: Turns
  /** Shortest time between the beginnings of two pages that are not full, in milliseconds; default that of the materializer. */
  pace?: number
  /** A text that is another one once what the target stands on in PostgreSQL has changed. */
  standing?: (target: string) => Promise<string>
  /** How often the storage is compared with the generation that was leased, if no `standing` tells of it, in milliseconds; default 5,000. */
  checkEvery?: number
}

/** How {@link consume} ended. */
export type Consumed =
  | { kind: 'ended' }
  /** `at`: what the failure was recorded with; undefined if it was none of a lease, so that none was. */
  | { kind: 'stopped'; at: StoppedAt | undefined; error: Error }
  /** Its read model is detached, or (`outdated`) was attached again: the definition in memory is that of before. */
  | { kind: 'held' | 'outdated' }

/** What the sessions of a consumer share. */
interface SessionOptions extends ConsumerOptions {
  background: BackgroundRebuild
  /** Set by a session that ends at an error which stops the target. */
  stoppedAt?: StoppedAt | undefined
}

const firstRetry = 100
/** After so many failures in a row another worker may try. */
const patience = 3
const longestRetry = 5_000

/**
 * Keeps one target fed by events current until the signal aborts: rebuilds it if it must, takes its lease, applies
 * page after page. It waits while another consumer holds the lease, and begins again after any error that may pass.
 *
 * @returns once the signal has aborted, the target has stopped at an error that trying again would not cure, or its read
 * model is detached or was attached again
 */
export async function consume(options: ConsumerOptions): Promise<Consumed> {
  const { signal, observe, materializer, share, owner = newOwner() } = options
  const { target } = materializer.context
  const background = new BackgroundRebuild(materializer, rebuildOptions(options), options.building)
  let attempt = 0
  let waiting = false
  const wait = (until: Promise<void>) => {
    if (!waiting) observe?.({ kind: 'target.waiting', target })
    waiting = true
    return until
  }
  while (!signal.aborted) {
    if (share?.has(target) === false) {
      await wait(share.changed(signal))
      continue
    }
    const sharing: SessionOptions = { ...options, background }
    try {
      const ended = await session(sharing, owner)
      attempt = 0
      if (ended === 'held' || ended === 'outdated') return { kind: ended }
      if (ended === 'waiting') await wait(pause(leaseMilliseconds / 8, signal))
      else waiting = false
    } catch (error) {
      if (signal.aborted) break
      const state = await attachment(materializer.context.pool, materializer.context).catch(() => 'attached' as const)
      if (state !== 'attached') return { kind: state } // a migration of the tables is no reason to stop
      if (isFinal(materializer, error)) {
        observe?.({ kind: 'target.stopped', target, error: failureOf(error) })
        return { kind: 'stopped', at: sharing.stoppedAt, error: error as Error }
      }
      attempt += 1
      const retryInMs = retryAfter(attempt, error)
      observe?.({ kind: 'target.retrying', target, attempt, retryInMs, error: failureOf(error) })
      if (attempt >= patience) share?.failing(target)
      await pause(retryInMs, signal)
    }
  }
  await background.settled()
  return { kind: 'ended' }
}

const retryAfter = (attempt: number, error: unknown): number =>
  isTrifoldError(error, 'HANDLERS_OUTDATED') ? longestRetry : Math.min(firstRetry * 2 ** (attempt - 1), longestRetry)

/** One connection's worth of work: from taking the lease to giving it back. */
async function session(options: SessionOptions, owner: string): Promise<'again' | 'waiting' | 'held' | 'outdated'> {
  const { materializer, observe } = options
  const { context } = materializer
  const client = await connect(options)
  try {
    const state = await attachment(client, context)
    if (state !== 'attached') return state
    await currentEra(client, observe)
    await options.compareLog?.(client)
    const prepared = await materializer.prepare()
    if (prepared.state === 'unfit')
      return inTurn(options, () => rebuildTarget(materializer, prepared.reason, rebuildOptions(options)))
    const lease = await takeLease(client, prepared.generation, owner, context.model.version ?? 1)
    if (!lease) return await waitOrReplace(options, client, prepared.generation)
    await clearFailure(client, context.target, 'DEFINITION_DRIFT') // it fits, and no page may come that would clear it
    return await withLease(options, client, lease)
  } catch (error) {
    await noticeBranch(client, error, observe)
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

const connect = ({ connect, materializer: { context } }: ConsumerOptions): Promise<pg.Client> =>
  connect?.() ??
  openClient(context.databaseUrl, {
    name: `consumer ${context.target}`,
    settings: feedSettings,
  })

/** Rebuilds when it is this consumer's turn. @param work gives undefined if another process does it */
async function inTurn(
  { building, signal }: ConsumerOptions,
  work: () => Promise<Generation | undefined>,
): Promise<'again' | 'waiting'> {
  const rebuild = async () => (!signal.aborted && (await work()) ? 'again' : 'waiting')
  return building ? building.run(rebuild) : rebuild()
}

const rebuildOptions = ({
  materializer,
  projector,
  signal,
  observe,
  pageSize,
  warmFor,
  verify,
  connect,
}: ConsumerOptions) => ({
  signal,
  observe,
  warmFor,
  verify,
  catchUp: (next: Generation) => new FeedCatchUp(materializer, projector, next, { signal, pageSize, connect }),
})

/** Somebody else has the lease, unless there is none to have: its row was deleted by hand. */
async function waitOrReplace(
  options: ConsumerOptions,
  client: pg.Client,
  { id }: Generation,
): Promise<'again' | 'waiting'> {
  const exists = () => readHolder(client, id, leaseMilliseconds)
  if (await exists()) return 'waiting'
  return inTurn(options, async () => {
    if (await exists()) return undefined
    const next = { ...rebuildOptions(options), evenIfFit: true }
    return rebuildTarget(options.materializer, 'its cursor is missing', next)
  })
}

async function withLease(options: SessionOptions, client: pg.Client, lease: Lease): Promise<'again' | 'waiting'> {
  const { materializer, observe } = options
  const { target } = materializer.context
  const keeping = keepLease(client, lease)
  try {
    const unfit =
      (await differentHistory(client, lease)) ??
      changedSettings(lease.generation.settings, materializer.settings) ??
      (await materializer.begin(lease, client))
    if (unfit)
      return await inTurn(options, () => rebuildTarget(materializer, unfit, { ...rebuildOptions(options), lease }))
    observe?.({
      kind: 'target.leased',
      target,
      generation: lease.generation.number,
      epoch: lease.epoch,
      era: lease.cursor.era,
      window: lease.cursor.window,
      ordinal: lease.cursor.ordinal,
    })
    const { projector } = options
    if (await beginAfterFailures({ materializer, projector, client, lease, observe }))
      await applyPages(options, client, lease, keeping)
    return 'again'
  } catch (error) {
    if (isFinal(materializer, error)) {
      if (!isRecorded(error)) await recordFailure(client, lease, error as Error).catch(() => {})
      options.stoppedAt = { generationId: lease.generation.id, failed: true }
    }
    throw error
  } finally {
    keeping.stop()
    await releaseLease(client, lease).catch(() => {}) // without a connection it runs out by itself
  }
}

/** Whether the target stops. An event that could not be parked now, say because its feed is an old one, is for the next session. */
const isFinal = ({ context }: EventFed, error: unknown): boolean => stopsTarget(error) && !mayPark(context, error)

/** What ended a process was recorded before it did. */
const isRecorded = (error: unknown): boolean => isTrifoldError(error) && endedProcess(error)

/** Page after page until the lease is lost, it is another worker's turn, or the signal aborts; the page under way is finished first. */
async function applyPages(options: SessionOptions, client: pg.Client, lease: Lease, keeping: Keeping): Promise<void> {
  const { materializer, projector, signal, observe, pageSize = largestPage } = options
  const feed = await orAborted(options.feed(), signal)
  if (!feed) return
  if (await isLeftBehind(client, feed)) return feed.waitBeyond(feed.latest.id, 1_000, signal)
  const caution = await Caution.after(client, lease, pageSize)
  const pages = new PagePipeline({
    materializer,
    projector,
    feed,
    client,
    lease,
    pageSize,
    observe,
    caution,
    parks: true,
  })
  const checkup = new Checkup(options)
  try {
    while (!signal.aborted && options.share?.has(lease.generation.target) !== false) {
      const began = performance.now()
      if (!(await checkup.passes(lease.generation))) return
      const step: PageStep = keeping.isLost ? { kind: 'lost' } : await pages.step()
      if (step.kind === 'lost') {
        const { generation, epoch } = lease
        return observe?.({ kind: 'lease.lost', target: generation.target, generation: generation.number, epoch })
      }
      if (step.kind === 'applying') {
        const rest = Math.max(materializer.pace ?? 0, options.pace ?? 0) - (performance.now() - began)
        if (rest > 0 && step.events < pageSize) await pause(rest, signal)
        continue
      }
      await feed.waitBeyond(lease.cursor.window, 1_000, signal)
      // A feed whose connection broke stays silent: the next session reads from the one that is open now.
      if ((await orAborted(options.feed(), signal)) !== feed) return
    }
    await pages.isLost()
  } finally {
    await pages.settled()
  }
}
