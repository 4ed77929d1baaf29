import type { Database, Transaction } from './database.ts'
import type { EventType, Payload } from './events.ts'
import type { Actor, World } from './world.ts'
import { days, type OrderRow, orders, products, type Row } from './write-model.ts'

/** An application that changes rows and appends their events, transaction after transaction; some roll back. */
export function* writer(world: World): Actor {
  const { database } = world
  for (;;) {
    if (world.isQuiet) yield
    else {
      const transaction: Transaction = { xid: 0, writes: new Map(), locks: [] }
      if (world.chance(0.2)) {
        begin(database, transaction)
        yield
      }
      let mayCommit = true
      for (let changes = 1 + world.below(3); mayCommit && changes > 0; changes--)
        mayCommit = yield* change(world, transaction)
      end(world, transaction, mayCommit && world.chance(0.88))
      yield
    }
  }
}

/** The transaction id comes with the first write. */
function begin(database: Database, transaction: Transaction): void {
  if (transaction.xid > 0) return
  transaction.xid = database.nextXid++
  database.running.set(transaction.xid, transaction)
}

/** Writes a row, then appends its event. @returns false if another transaction has held the row for too long */
function* change(world: World, transaction: Transaction): Generator<undefined, boolean, undefined> {
  const { database } = world
  const key = world.pick(world.chance(0.3) ? products : orders)
  const holder = () => database.locks.get(key)
  for (let tries = 0; holder() && holder() !== transaction; tries++) {
    if (tries === 8) return false
    yield
  }
  database.locks.set(key, transaction)
  transaction.locks.push(key)
  begin(database, transaction)
  const [row, type, payload] = changeOf(world, key, rowOf(database, transaction, key))
  transaction.writes.set(key, row)
  if (world.chance(0.6)) yield
  database.lastPosition += 1
  database.outbox.push({ position: database.lastPosition, xid: transaction.xid, type, payload })
  yield
  return true
}

const rowOf = ({ versions }: Database, { writes }: Transaction, key: string): Row | null =>
  writes.get(key) ?? (writes.has(key) ? null : (versions.get(key)?.at(-1)?.row ?? null))

function changeOf(world: World, key: string, row: Row | null): [Row | null, EventType, Payload] {
  if (products.includes(key)) {
    const image = `${key}.${world.step}`
    return [{ image }, 'ImageChanged', { product: key, image }]
  }
  if (!row) {
    const placed = { status: 0, quantity: 1 + world.below(5), product: world.pick(products), day: world.pick(days) }
    return [
      placed,
      'Placed',
      { order: key, ...placed, image: world.database.versions.get(placed.product)?.at(-1)?.row?.image as string },
    ]
  }
  return orderChange(world, key, row as unknown as OrderRow)
}

function orderChange(world: World, order: string, row: OrderRow): [Row | null, EventType, Payload] {
  const { status, quantity, day } = row
  const before = { ...row }
  const choice = world.random.next()
  if (choice < 0.3) return [{ ...before, status: status + 1 }, 'Confirmed', { order, status: status + 1 }]
  if (choice < 0.55) {
    const next = 1 + world.below(9)
    const payload = { order, quantity: next, difference: next - quantity, day }
    return [{ ...before, quantity: next }, 'QuantityChanged', payload]
  }
  if (choice < 0.75) {
    const product = world.pick(products)
    return [{ ...before, product }, 'Moved', { order, product }]
  }
  return [null, 'Deleted', { order, quantity, day }]
}

function end({ database }: World, transaction: Transaction, commits: boolean): void {
  const { xid, writes, locks } = transaction
  for (const key of locks) if (database.locks.get(key) === transaction) database.locks.delete(key)
  if (xid === 0) return
  database.running.delete(xid)
  database.lastDone = Math.max(database.lastDone, xid)
  if (commits) for (const [key, row] of writes) database.versions.get(key)?.push({ xid, row })
  else database.outbox = database.outbox.filter((event) => event.xid !== xid)
}
