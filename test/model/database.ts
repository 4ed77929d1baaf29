import type { OutboxEvent } from './events.ts'
import { isVisible, type Snapshot } from './snapshot.ts'
import { Violation } from './violation.ts'
import { orders, products, type Row } from './write-model.ts'

/** A transaction of a writer. */
export interface Transaction {
  xid: number
  writes: Map<string, Row | null>
  locks: string[]
}

export interface Window {
  id: number
  snapshot: Snapshot
  /** The ordinal of its first event. */
  first: number
  count: number
  lastPosition: number
  /** A random value, which no other window of any history has. */
  nonce: number
}

/** A parked event: what it would have done to a key. */
export interface Parked {
  key: string
  next: (row: Row | null) => Row | null
}

/** A target's row of the database. A table's rows are in it. */
export interface Consumer {
  target: string
  owner: string | undefined
  epoch: number
  version: number
  /** The window that it applies next, and how many of its events it has applied. */
  window: number
  place: number
  /** The window that it applied next when its last page began: an index that lacks the page goes back there. */
  pageWindow: number
  isBuilt: boolean
  /** Which build serves. */
  generation: number
  /** Where a build in progress will begin to read. */
  buildsFrom: number | undefined
  rows: Map<string, Row>
  /** The snapshots of recomputed keys, and of the ranges of the build. */
  keySnapshots: Map<string, Snapshot>
  rangeSnapshots: Map<string, Snapshot>
  suspects: Set<string>
  parked: Parked[]
}

export interface Database {
  nextXid: number
  lastDone: number
  running: Map<number, Transaction>
  /** The versions of each row of the write model. */
  versions: Map<string, { xid: number; row: Row | null }[]>
  locks: Map<string, Transaction>
  outbox: OutboxEvent[]
  lastPosition: number
  windows: Window[]
  consumers: Map<string, Consumer>
}

export function newDatabase(targets: readonly string[]): Database {
  const versions: Database['versions'] = new Map(orders.map((order) => [order, []]))
  for (const product of products) versions.set(product, [{ xid: 1, row: { image: `${product}.0` } }])
  const first: Window = { id: 0, snapshot: { xmax: 2, running: [] }, first: 0, count: 0, lastPosition: 0, nonce: 0 }
  return {
    nextXid: 2,
    lastDone: 1,
    running: new Map(),
    versions,
    locks: new Map(),
    outbox: [],
    lastPosition: 0,
    windows: [first],
    consumers: new Map(targets.map((target) => [target, newConsumer(target)])),
  }
}

const newConsumer = (target: string): Consumer => ({
  target,
  owner: undefined,
  epoch: 0,
  version: 0,
  window: 1,
  place: 0,
  pageWindow: 1,
  isBuilt: false,
  generation: 0,
  buildsFrom: undefined,
  rows: new Map(),
  keySnapshots: new Map(),
  rangeSnapshots: new Map(),
  suspects: new Set(),
  parked: [],
})

/** What is left of a target that needs a new build. */
export function forgetBuild(consumer: Consumer): void {
  consumer.isBuilt = false
  consumer.rangeSnapshots.clear()
  consumer.keySnapshots.clear()
  consumer.suspects.clear()
  consumer.parked = []
  consumer.rows.clear()
}

/** Open transactions are rolled back. */
export function rollBack(database: Database): void {
  for (const xid of database.running.keys()) database.lastDone = Math.max(database.lastDone, xid)
  database.outbox = database.outbox.filter(({ xid }) => !database.running.has(xid))
  database.running.clear()
  database.locks.clear()
}

export const currentSnapshot = ({ lastDone, running }: Database): Snapshot => ({
  xmax: lastDone + 1,
  running: [...running.keys()].filter((xid) => xid <= lastDone),
})

export function rowAt({ versions }: Database, key: string, snapshot: Snapshot): Row | null {
  return versions.get(key)?.findLast(({ xid }) => isVisible(xid, snapshot))?.row ?? null
}

/** The events between two snapshots, in order of position. */
export const eventsBetween = ({ outbox }: Database, before: Snapshot, end: Snapshot): OutboxEvent[] =>
  outbox
    .filter(({ xid }) => isVisible(xid, end) && !isVisible(xid, before))
    .sort((one, other) => one.position - other.position)

export function windowAt({ windows }: Database, id: number): Window {
  const window = windows[id]
  if (!window) throw new Violation(`window ${id} was applied and is not stored`)
  return window
}

/** The snapshot that a consumer reflects at the end of a window. */
export const reflected = (database: Database, { window }: Consumer): Snapshot => windowAt(database, window - 1).snapshot

/** The ordinal of the last event that a consumer has applied. */
export function appliedOrdinal(database: Database, { window, place }: Consumer): number {
  if (place > 0) return windowAt(database, window).first + place - 1
  const { first, count } = windowAt(database, window - 1)
  return first + count - 1
}
