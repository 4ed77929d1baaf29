import { currentSnapshot, type Database, eventsBetween, type Window } from './database.ts'
import type { OutboxEvent } from './events.ts'
import type { Snapshot } from './snapshot.ts'
import type { Actor, World } from './world.ts'

/** Stores window after window; several tickers race. */
export function* ticker(world: World): Actor {
  const { database, rules } = world
  for (;;) {
    let snapshot = rules.snapshotAfterPredecessor ? undefined : currentSnapshot(database)
    if (snapshot) yield
    const previous = database.windows.at(-1) as Window
    yield
    snapshot ??= currentSnapshot(database)
    const events = eventsOf(world, previous, snapshot).filter(({ xid }) => !database.running.has(xid))
    if (events.length === 0 && !(world.chance(0.05) && !world.isQuiet)) yield
    else yield* store(world, windowAfter(world, previous, snapshot, events), events)
  }
}

/** The events of a window, given its predecessor. */
export function eventsOf({ database, rules }: World, previous: Window, end: Snapshot): OutboxEvent[] {
  const events = eventsBetween(database, previous.snapshot, end)
  if (rules.noPositionBound) return events
  return events.filter(
    ({ position, xid }) => position > previous.lastPosition || previous.snapshot.running.includes(xid),
  )
}

/** Stores a window now. @returns it */
export function tickNow(world: World): Window {
  const { database } = world
  const previous = database.windows.at(-1) as Window
  const snapshot = currentSnapshot(database)
  const window = windowAfter(world, previous, snapshot, eventsOf(world, previous, snapshot))
  database.windows.push(window)
  return window
}

const windowAfter = (world: World, previous: Window, snapshot: Snapshot, events: readonly OutboxEvent[]): Window => ({
  id: previous.id + 1,
  snapshot,
  first: previous.first + previous.count,
  count: events.length,
  lastPosition: Math.max(previous.lastPosition, ...events.map(({ position }) => position)),
  nonce: world.nextNonce(),
})

function* store(world: World, window: Window, events: OutboxEvent[]): Actor {
  const { database, rules } = world
  if (!rules.storedFirst) world.handed = { window, events }
  yield
  const isStored = (database as Database).windows.length === window.id
  if (isStored) database.windows.push(window)
  if (!isStored && rules.onlyStoredWindows) return
  yield
  world.handed = { window, events }
}
