import type { FeedEvent } from '../feed.ts'
import type { Changes } from '../net-change/operations.ts'
import { type Failed, type Handling, Projector } from './projector.ts'

/** Names the keys that events change, each to be read again: from another definition than the one that the handlers write. */
export class KeyNamer extends Projector {
  override async addChanges(
    changes: Changes,
    events: readonly FeedEvent[],
    lease: Handling,
  ): Promise<Failed | undefined> {
    const failed = await super.addChanges(changes, events, lease)
    for (const one of changes.byKey.values())
      one.operations = one.operations.map(({ ordinal, xid }) => ({ ordinal, xid, kind: 'recompute' }))
    return failed
  }
}
