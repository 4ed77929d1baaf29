import type { ConsumerOptions } from '../consumer.ts'
import { SharedSessions } from '../database/shared-sessions.ts'
import { feedSettings } from '../feed.ts'
import type { Toolkit } from '../toolkit.ts'
import { Turns } from '../turns.ts'
import { SharedStanding } from './shared-standing.ts'

/** Sessions that apply, for however many targets. */
const sessions = 3

/**
 * A statement that waits for a lock holds up whoever shares its session. So it gives up after this time, in milliseconds, and
 * is tried again; in between the others have their turns.
 */
const longestLockWait = 1_000

/** Targets that apply each page as soon as it is read. */
const few = 20
/** Milliseconds that every further one adds to the time from page to page of each: a page costs a statement, also an empty one. */
const pageOfEach = 2
/** Milliseconds between two checks of the storage, for a few targets, and for each of many: a check costs a dozen statements. */
const check = { every: 5_000, ofEach: 100 }

/**
 * What the consumers of a worker share: sessions, so that their number does not grow with the targets, and the right to
 * rebuild, one after the other. Of many targets each does less often what costs the same whether there is much to do or not.
 */
export function consumerResources(
  { config, pool, targetNames }: Toolkit,
  targets: number,
): Required<Pick<ConsumerOptions, 'connect' | 'building' | 'pace' | 'standing' | 'checkEvery'>> {
  const settings = { ...feedSettings, lock_timeout: String(longestLockWait) }
  const shared = new SharedSessions(config.database, { most: sessions, name: 'consumer', settings })
  const standing = new SharedStanding(pool, targetNames)
  return {
    connect: () => shared.take(),
    building: new Turns(1),
    pace: Math.max(0, targets - few) * pageOfEach,
    standing: (target) => standing.of(target),
    checkEvery: Math.max(check.every, targets * check.ofEach),
  }
}
