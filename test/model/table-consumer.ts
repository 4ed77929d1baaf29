import { checkTable } from './check.ts'
import { type Consumer, currentSnapshot, reflected, type Window } from './database.ts'
import { definitionAt } from './definition.ts'
import { type Held, isOurs, takeLease } from './lease.ts'
import { changesOf, forgetSnapshots, modelOf, type Page, readPage, rowAfter, snapshotOf, unseen } from './page.ts'
import type { Snapshot } from './snapshot.ts'
import type { Actor, World } from './world.ts'
import { keysOf, type Row } from './write-model.ts'

/** The consumer of a table: rows and cursor are written in one transaction. */
export function* tableConsumer(world: World, target: string, owner: string): Actor {
  const consumer = world.database.consumers.get(target) as Consumer
  let held: Held | undefined
  for (;;) {
    held ??= takeLease(world, consumer, owner)
    yield
    if (!held) continue
    if (!isOurs(held)) held = undefined
    else if (!consumer.isBuilt) yield* build(world, held)
    else if (!(yield* applyPage(world, held))) held = undefined
  }
}

/** Builds by key ranges, each at its own snapshot. Those that are finished are kept when another owner goes on. */
function* build(world: World, held: Held): Actor {
  const { consumer } = held
  const { database, rules } = world
  consumer.buildsFrom ??= (database.windows.at(-1) as Window).id + 1
  yield
  const model = modelOf(consumer)
  for (const key of keysOf(model).filter((one) => !consumer.rangeSnapshots.has(one))) {
    if (world.chance(0.7)) yield
    const snapshot = currentSnapshot(database)
    const row = definitionAt(database, model, key, snapshot)
    yield
    if (!isOurs(held)) return
    setRow(consumer, key, row)
    if (rules.rangeSnapshots) consumer.rangeSnapshots.set(key, snapshot)
  }
  if (!isOurs(held)) return
  consumer.isBuilt = true
  consumer.pageWindow = consumer.window = consumer.buildsFrom
  consumer.buildsFrom = undefined
  consumer.place = 0
  consumer.version += 1
  forgetSnapshots(world, consumer, reflected(world.database, consumer))
}

/** @returns false if the lease is lost */
function* applyPage(world: World, held: Held): Generator<undefined, boolean, undefined> {
  const { consumer } = held
  const { version } = consumer
  const page = readPage(world, consumer)
  yield
  if (!page) return !world.chance(0.1)
  const now = currentSnapshot(world.database)
  const { byKey, suspects } = changesOf(world, consumer, page, now, (key) => consumer.rows.get(key)?.product)
  const rows = new Map(
    [...byKey].flatMap(([key, operations]) =>
      rowsOf(world, consumer, key, unseen(operations, snapshotOf(consumer, key)), now),
    ),
  )
  yield
  if (world.chance(0.3)) yield
  if (!isOurs(held) || (world.rules.repairRaisesVersion && consumer.version !== version)) return false
  commit(world, consumer, page, rows)
  for (const key of suspects) consumer.suspects.add(key)
  checkTable(world, consumer)
  yield
  return true
}

/** The row that is written for a key, if any, and its snapshot if it was recomputed. */
type Written = { row: Row | null; snapshot?: Snapshot }

function rowsOf(
  { database }: World,
  consumer: Consumer,
  key: string,
  operations: Parameters<typeof rowAfter>[1],
  now: Snapshot,
): [string, Written][] {
  if (operations.length === 0) return []
  const row = rowAfter(consumer.rows.get(key) ?? null, operations)
  if (row !== 'recompute') return [[key, { row }]]
  return [[key, { row: definitionAt(database, modelOf(consumer), key, now), snapshot: now }]]
}

function commit(world: World, consumer: Consumer, page: Page, rows: ReadonlyMap<string, Written>): void {
  for (const [key, { row, snapshot }] of rows) {
    setRow(consumer, key, row)
    if (snapshot && world.rules.keySnapshots) consumer.keySnapshots.set(key, snapshot)
  }
  consumer.pageWindow = consumer.window
  consumer.window = page.window
  consumer.place = page.place
  consumer.version += 1
  forgetSnapshots(world, consumer, reflected(world.database, consumer))
}

export function setRow({ rows }: Consumer, key: string, row: Row | null): void {
  if (row) rows.set(key, row)
  else rows.delete(key)
}
