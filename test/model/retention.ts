import { appliedOrdinal, type Consumer, type Database, forgetBuild, reflected } from './database.ts'
import { raiseEpoch } from './lease.ts'
import { isVisible } from './snapshot.ts'
import type { Actor, World } from './world.ts'

/** Positions of a partition of the outbox. */
const partitionSize = 2

/** A consumer that keeps so many partitions is cut off. */
const cap = 4

/** The upkeep of the outbox: drops partitions that every consumer has passed, and cuts off who keeps too many. */
export function* retention(world: World): Actor {
  const { database, rules } = world
  for (;;) {
    yield
    const first = Math.min(...database.outbox.map(({ position }) => position))
    const end = (Math.floor(first / partitionSize) + 1) * partitionSize
    if (world.isQuiet || database.lastPosition < end || !world.chance(0.2)) continue
    if (database.lastPosition > end + cap * partitionSize) cutOff(world, end)
    if (!isPassed(world, end)) continue
    while (isHeld(database, end)) yield // the drop waits for the lock of whoever has written into it
    if (!rules.looksAgain || isPassed(world, end)) drop(database, end)
  }
}

/** Whether every consumer has read what is committed of a partition. */
function isPassed({ database, rules }: World, end: number): boolean {
  const events = database.outbox.filter(({ position, xid }) => position < end && !database.running.has(xid))
  const passed = (consumer: Consumer) => {
    if (!consumer.isBuilt && (!rules.rebuildHolds || consumer.buildsFrom === undefined)) return true
    const applied = rules.keepsLastPage ? consumer.pageWindow : consumer.window
    const window = consumer.isBuilt ? applied : (consumer.buildsFrom as number)
    return events.every(({ xid }) => isVisible(xid, reflected(database, { ...consumer, window })))
  }
  return [...database.consumers.values()].every(passed)
}

const isHeld = ({ outbox, running }: Database, end: number): boolean =>
  outbox.some(({ position, xid }) => position < end && running.has(xid))

function drop(database: Database, end: number): void {
  database.outbox = database.outbox.filter(({ position }) => position >= end)
}

/** Consumers that are built and have not passed the partition need a new build. */
function cutOff({ database, rules }: World, end: number): void {
  for (const consumer of database.consumers.values()) {
    const events = database.outbox.filter(({ position, xid }) => position < end && !database.running.has(xid))
    if (!consumer.isBuilt || events.every(({ xid }) => isVisible(xid, reflected(database, consumer)))) continue
    if (!rules.cutsOffFirst) {
      drop(database, end)
      return
    }
    raiseEpoch(consumer)
    forgetBuild(consumer)
  }
}

/** Tombstones below every cursor, which no owner needs any more. A late write of an owner of before may come back. */
export function* tombstonePruning(world: World): Actor {
  const { rules, database, indexes } = world
  for (;;) {
    yield
    if (rules.keepsTombstones || !world.chance(0.1)) continue
    for (const [target, { documents }] of indexes) {
      const consumer = database.consumers.get(target) as Consumer
      for (const [key, { row, snapshot, ordinal }] of documents)
        if (!row && !snapshot && ordinal <= appliedOrdinal(database, consumer)) documents.delete(key)
    }
  }
}
