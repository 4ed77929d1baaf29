import { type Consumer, reflected } from './database.ts'
import { definitionAt } from './definition.ts'
import { modelOf, snapshotOf } from './page.ts'
import { laterOf, type Snapshot } from './snapshot.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'
import { keysOf, type Row } from './write-model.ts'

/** At the end of a window each row is what the definition says at its snapshot, unless its key is suspect. */
export function checkTable(world: World, consumer: Consumer): void {
  if (consumer.place > 0) return
  for (const key of keysOf(modelOf(consumer)))
    if (!consumer.suspects.has(key))
      expectRow(world, consumer, key, consumer.rows.get(key) ?? null, snapshotOf(consumer, key))
}

/** The same of an index. A document of an owner that is further on says nothing of this one. */
export function checkIndex(world: World, consumer: Consumer, applied: number): void {
  if (consumer.place > 0) return
  for (const key of keysOf(modelOf(consumer))) {
    const document = world.indexes.get(consumer.target)?.documents.get(key)
    if (consumer.suspects.has(key) || (document && document.ordinal > applied)) continue
    const snapshot = laterOf(document?.snapshot, consumer.rangeSnapshots.get(key))
    expectRow(world, consumer, key, document?.row ?? null, snapshot)
  }
}

function expectRow(world: World, consumer: Consumer, key: string, row: Row | null, own: Snapshot | undefined): void {
  const snapshot = laterOf(reflected(world.database, consumer), own) as Snapshot
  const wanted = definitionAt(world.database, modelOf(consumer), key, snapshot)
  if (sameRow(row, wanted)) return
  throw new Violation(
    `${consumer.target}: the row ${key} is ${JSON.stringify(row)}, the definition says ${JSON.stringify(wanted)}`,
  )
}

export const sameRow = (one: Row | null, other: Row | null): boolean => textOf(one) === textOf(other)

const textOf = (row: Row | null): string =>
  JSON.stringify(row && Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)))
