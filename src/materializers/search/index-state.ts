import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { isTrifoldError, type TrifoldError } from '../../errors.ts'
import type { Cursor, Page } from '../../feed.ts'
import { buildEpoch } from '../../lease/consumer-row.ts'
import type { Identity } from '../../schema/history.ts'
import { hasWindow } from '../../schema/windows.ts'
import { type Owner, ownerOf, refuseForeign, writtenByAnother } from './owner.ts'
import { readState, type StateVersion, writeState } from './state-document.ts'

/** A place in the log: the last whole window and, inside the next one, the last position. */
export interface Place {
  window: number
  position: number
}

/**
 * What an index says of itself. It names a window before anything that the window shows is written, and the place that
 * the database's cursor had reached at the last look: so an index that was restored, or whose database was, is found.
 */
export interface IndexState {
  /** The database that writes it; undefined if a version of Trifold wrote it that named none. */
  owner?: Owner
  /** Whether another database has taken it over: that one builds it again. */
  adopted?: boolean
  era: number
  /** The epoch of the owner that wrote it. */
  epoch: number
  /** The newest window of which something may be in the index, by id and nonce. */
  window: number
  nonce: string
  /** Where the page ends that is, or was last, being written. */
  intended: Place
  /** Where the page ended that was last written wholly, and committed by the database. */
  applied: Place
}

export const placeOf = (cursor: Cursor): Place => ({ window: cursor.window, position: cursor.position ?? 0 })

const isBefore = (a: Place, b: Place): boolean =>
  a.window < b.window || (a.window === b.window && a.position < b.position)

/** The state document of one index, as its owner writes it: a conflict means that somebody else is the owner. */
export class OwnedState {
  private readonly client: Client
  private readonly index: string
  private state: IndexState
  private version: StateVersion
  /** The newest window of which the index may show more than its pages up to the cursor. */
  private ahead: number

  constructor(
    client: Client,
    index: string,
    state: IndexState,
    { ahead, ...version }: StateVersion & { ahead: number },
  ) {
    this.client = client
    this.index = index
    this.state = state
    this.version = version
    this.ahead = ahead
  }

  /**
   * Whether the index may show events behind the cursor: of a page that a former owner wrote, or as rows were read again that
   * late. Until the cursor is past them, a page must not overwrite what it has not read.
   */
  isAheadOf(cursor: Cursor): boolean {
    return cursor.window < this.ahead
  }

  /** Before the first write of a page: where it ends, and the newest window that it shows. */
  intend(page: Pick<Page, 'window' | 'end'>): Promise<boolean> {
    const newer = page.window.id >= this.state.window ? { window: page.window.id, nonce: page.window.nonce } : {}
    return this.write({ ...this.state, ...newer, intended: placeOf(page.end) })
  }

  /** Before content of a later snapshot is written: a window that was stored after it. */
  name(window: { id: number; nonce: string }): Promise<boolean> {
    this.ahead = window.id
    return this.write({ ...this.state, window: window.id, nonce: window.nonce })
  }

  /** After the cursor was committed: it goes out with the next page. A takeover before that repeats one page. */
  reached(cursor: Cursor): void {
    this.state = { ...this.state, applied: placeOf(cursor) }
  }

  /** Takes possession: from now on a write of the former owner is a conflict. */
  own(): Promise<boolean> {
    return this.write(this.state)
  }

  /** Returns false if somebody else has written the document. */
  private async write(state: IndexState): Promise<boolean> {
    const version = await writeState(this.client, this.index, state, this.version)
    if (version === 'conflict') return false
    this.version = version
    this.state = state
    return true
  }
}

export type Judgement =
  | { kind: 'fit'; owned: OwnedState /** The cursor has to go back to here. */; rewind: Place | undefined }
  | { kind: 'unfit'; reason: string }
  /** Somebody else has written it, under another history of this database. */
  | { kind: 'refused'; error: TrifoldError }
  | { kind: 'lost' }

/**
 * Compares an index with the cursor of the lease that was just taken, and takes possession of its state. When in doubt
 * the index is unfit: it is never patched, a new one is built beside it.
 *
 * @param lease with the identity of the database
 * @throws INDEX_OWNED if it is another database's
 */
export async function judgeIndex(
  client: Client,
  database: pg.ClientBase,
  index: string,
  lease: { generation: { target: string }; epoch: number; identity: Identity; cursor: Cursor },
): Promise<Judgement> {
  const read = await readState<IndexState>(client, index)
  if (read.status === 'index_missing') return unfit(`its index ${index} is missing`)
  if (read.status === 'absent') return unfit(`its index ${index} has no state document`)
  const { state } = read
  const { target } = lease.generation
  refuseForeign(target, index, state, lease.identity)
  if (state.adopted) return unfit(`its index ${index} was adopted`)
  const branch = await branchOf(database, state, lease)
  if (branch) return { kind: 'refused', error: writtenByAnother(target, index, state.era, branch) }
  const fault = faultOf(state, lease)
  if (fault) return unfit(`its index ${index} ${fault}`)
  // The cursor goes back to the start of that window, and the state with it: else the index would look ahead of the cursor.
  const rewind = isBefore(state.applied, placeOf(lease.cursor)) ? { ...state.applied, position: 0 } : undefined
  // What a build shows ahead of its cursor, no reader has seen, and its events are dropped by the snapshots of its ranges.
  const ahead = state.epoch === buildEpoch ? 0 : state.window
  const owned = new OwnedState(
    client,
    index,
    { ...state, ...(rewind && { applied: rewind }), epoch: lease.epoch, owner: ownerOf(lease.identity) },
    { ...read, ahead },
  )
  const own = await owned.own().catch(missingAlias)
  if (own === 'no alias') return unfit(`its index ${index} has no write alias`)
  if (!own) return { kind: 'lost' }
  return { kind: 'fit', owned, rewind }
}

/** How the index shows that the database has forgotten something: it was restored, or is another one. */
async function branchOf(
  database: pg.ClientBase,
  state: IndexState,
  { epoch, identity: { era }, cursor }: { epoch: number; identity: Identity; cursor: Cursor },
): Promise<string | undefined> {
  if (state.era > era) return `belongs to era ${state.era}, the database is in era ${era}`
  if (state.era < era) return undefined // branched, and noticed already
  if (state.epoch >= epoch)
    return `is ahead: it was written under epoch ${state.epoch}, the database gave epoch ${epoch}`
  if (!(await hasWindow(database, state.window, state.nonce)))
    return `names window ${state.window}, which is of another history`
  if (isBefore(placeOf(cursor), state.applied))
    return `is ahead of its cursor: it ends in window ${state.applied.window}, the cursor in ${cursor.window}`
  return undefined
}

function faultOf(
  state: IndexState,
  { identity: { era }, cursor }: { identity: Identity; cursor: Cursor },
): string | undefined {
  if (state.era !== era) return `belongs to era ${state.era}, the database is in era ${era}`
  if (isBefore(state.intended, placeOf(cursor)))
    return `is behind its cursor: it ends in window ${state.intended.window}, the cursor in ${cursor.window}`
  return undefined
}

/** An index that was restored without its aliases takes no writes. */
function missingAlias(error: unknown): 'no alias' {
  if (isTrifoldError(error) && error.details.kind === 'index_missing') return 'no alias'
  throw error
}

const unfit = (reason: string): { kind: 'unfit'; reason: string } => ({ kind: 'unfit', reason })
