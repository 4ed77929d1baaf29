import { type Consumer, type Database, rollBack, type Window, windowAt } from './database.ts'
import type { Held } from './lease.ts'
import type { Page } from './page.ts'
import type { IndexState, SearchIndex } from './search-index.ts'
import { Shown } from './shown.ts'
import { tickNow } from './ticker.ts'
import type { World } from './world.ts'

/** A failover that loses a tail, or a restore: the database is as it was before, and all that is outside of it stays. */
export class Failover {
  private saved: Database | undefined

  /** @returns whether the database has gone back */
  step(world: World): boolean {
    if (!world.branches || world.isQuiet) return false
    if (!this.saved && world.chance(0.02)) this.saved = copyOf(world.database)
    if (!this.saved || !world.chance(0.004)) return false
    Object.assign(world.database, copyOf(this.saved))
    rollBack(world.database)
    world.handed = undefined
    for (const index of world.indexes.values()) index.shown = new Shown()
    return true
  }
}

function copyOf(database: Database): Database {
  const { running, versions, outbox, windows, consumers } = database
  return {
    ...database,
    running: new Map(running),
    locks: new Map(),
    versions: new Map([...versions].map(([key, all]) => [key, [...all]])),
    outbox: [...outbox],
    windows: [...windows],
    consumers: new Map([...consumers].map(([target, consumer]) => [target, copyOfConsumer(consumer)])),
  }
}

const copyOfConsumer = (consumer: Consumer): Consumer => ({
  ...consumer,
  rows: new Map(consumer.rows),
  keySnapshots: new Map(consumer.keySnapshots),
  rangeSnapshots: new Map(consumer.rangeSnapshots),
  suspects: new Set(consumer.suspects),
  parked: [...consumer.parked],
})

/** Whether an index shows what the database may have forgotten: then it is built again. */
export function isForgotten({ database, rules }: World, { consumer, epoch }: Held, state: IndexState): boolean {
  const named = database.windows[state.named.window]
  const isKnown = rules.comparesNonce ? named?.nonce === state.named.nonce : named !== undefined
  const isAhead = rules.comparesEpoch && state.epoch >= epoch
  return !isKnown || isAhead || state.generation !== consumer.generation
}

/** Before anything is written: the newest window that a page shows; of rows that are read now one that is stored later. */
export function nameWindow(world: World, held: Held, index: SearchIndex, page: Page | undefined): void {
  const { rules, database } = world
  index.state.epoch = Math.max(index.state.epoch, held.epoch)
  if (!page) {
    const later = tickNow(world)
    name(index, later)
    held.ahead = later.id
  }
  if (page && rules.namesWindow) name(index, windowAt(database, page.place > 0 ? page.window : page.window - 1))
}

function name({ state }: SearchIndex, { id, nonce }: Window): void {
  if (id >= state.named.window) state.named = { window: id, nonce }
}
