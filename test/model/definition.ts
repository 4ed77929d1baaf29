import { type Database, rowAt } from './database.ts'
import type { Snapshot } from './snapshot.ts'
import { type OrderRow, orders, type ReadModelName, type Row } from './write-model.ts'

/** What the definition of a read model says of a key at a snapshot. */
export function definitionAt(database: Database, model: ReadModelName, key: string, snapshot: Snapshot): Row | null {
  if (model === 'day_total') return totalAt(database, key, snapshot)
  const row = rowAt(database, key, snapshot)
  if (!row) return null
  const { status, quantity, product } = row as unknown as OrderRow
  const plain = { status, quantity, product }
  return model === 'plain_order' ? plain : { ...plain, image: rowAt(database, product, snapshot)?.image as string }
}

function totalAt(database: Database, day: string, snapshot: Snapshot): Row | null {
  const rows = orders.map((order) => rowAt(database, order, snapshot)).filter((row) => row?.day === day) as Row[]
  if (rows.length === 0) return null
  return { orders: rows.length, quantity: rows.reduce((sum, row) => sum + Number(row.quantity), 0) }
}
