import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { TrifoldError } from '../../errors.ts'
import type { PageEnd } from '../../feed/page.ts'
import { renewLease } from '../../lease/keep.ts'
import type { Lease } from '../../lease.ts'
import type { Applied, FedByEvents, TargetContext } from '../../materializer.ts'
import type { Changes } from '../../net-change/operations.ts'
import { moveCursorBack } from '../../schema/consumers.ts'
import { readIdentity } from '../../schema/history.ts'
import { SearchApply } from './apply.ts'
import { hasForm } from './index-admin.ts'
import { indexDamage } from './index-health.ts'
import { type Judgement, judgeIndex, type Place } from './index-state.ts'
import { Searchable } from './searchable.ts'
import { largestEpoch } from './version.ts'

/** Each page costs the engine three requests and two syncs of its log; more pages in an interval do not show earlier. */
const pagesPerRefresh = 2

/** What writes an index under one lease. */
interface OwnedIndex {
  lease: Lease
  apply: SearchApply
  searchable: Searchable
}

/** Applies events to the indexes of one target, and makes them searchable at an interval. */
export class SearchEvents implements FedByEvents {
  readonly fedBy = 'events'
  readonly pace: number
  private readonly client: Client
  private readonly context: TargetContext
  private readonly interval: number
  private readonly owned = new Map<string, OwnedIndex>() // by generation: the next may catch up while one serves

  /** @param interval milliseconds between two index refreshes */
  constructor(client: Client, context: TargetContext, interval: number) {
    this.client = client
    this.context = context
    this.interval = interval
    this.pace = interval / pagesPerRefresh
  }

  async begin(lease: Lease, database: pg.ClientBase): Promise<string | undefined> {
    if (lease.epoch > largestEpoch) return `its epoch has reached ${lease.epoch}, the largest that a version can hold`
    const judgement = await this.judge(lease, database)
    if (judgement.kind === 'lost') throw this.leaseLost()
    if (judgement.kind !== 'fit') {
      // The next owner's state is ahead of an owner that was overtaken before it looked: no other history.
      if (!(await renewLease(database, lease))) throw this.leaseLost()
      if (judgement.kind === 'refused') throw judgement.error
      return judgement.reason
    }
    const damage = await indexDamage(this.client, lease.generation)
    if (damage !== undefined) return damage
    if (!(await hasForm(this.client, lease.generation.storage)))
      return `the index ${lease.generation.storage} was built by another version of Trifold`
    if (judgement.rewind) await rewind(database, lease, judgement.rewind)
    this.owned.get(lease.generation.id)?.searchable.end()
    const apply = new SearchApply(this.client, this.context, lease, judgement.owned)
    const searchable = new Searchable(this.client, this.context.pool, this.interval, lease)
    this.owned.set(lease.generation.id, { lease, apply, searchable })
    searchable.applied(0)
    return undefined
  }

  async fence(lease: Lease, database: pg.ClientBase): Promise<void> {
    // A page that the former owner named meanwhile is its last: its cursor does not move any more.
    while ((await this.judge(lease, database)).kind === 'lost')
      if (!(await renewLease(database, lease))) throw this.leaseLost()
  }

  async apply(page: PageEnd, changes: Changes, lease: Lease, database: pg.ClientBase): Promise<Applied> {
    const own = this.owned.get(lease.generation.id)
    if (own?.lease !== lease) throw this.leaseLost()
    const applied = await own.apply.apply(page, changes, database)
    if (applied.kind === 'applied') own.searchable.applied(applied.written)
    else {
      own.searchable.end()
      if (this.owned.get(lease.generation.id) === own) this.owned.delete(lease.generation.id)
    }
    return applied
  }

  /** Ends after what was applied last can be searched. */
  async settle(): Promise<void> {
    const [newest, ...older] = [...this.owned.values()].reverse()
    for (const { searchable } of older) searchable.end()
    await newest?.searchable.settle()
  }

  /** Takes possession of the index, if it fits. */
  private async judge(lease: Lease, database: pg.ClientBase): Promise<Judgement> {
    const identity = await readIdentity(database)
    return judgeIndex(this.client, database, lease.generation.storage, { ...lease, identity })
  }

  private leaseLost(): TrifoldError {
    const { target } = this.context
    return new TrifoldError('LEASE_LOST', `search: another consumer has taken ${target}; this one gives up its lease`)
  }
}

/**
 * Back to the start of the window in which the index ends: what it has already is recognised by its ordinals, or written
 * again from there, so what readers were promised to see ends there too.
 */
async function rewind(database: pg.ClientBase, lease: Lease, { window }: Place): Promise<void> {
  const moved = await moveCursorBack(database, lease, window)
  if (!moved)
    throw new TrifoldError('LEASE_LOST', `search: ${lease.generation.target} could not go back to window ${window}`)
  lease.version = moved.version
  lease.cursor = { era: lease.cursor.era, window, position: undefined, ordinal: moved.ordinal }
}
