import { checkTable } from './check.ts'
import { type Consumer, currentSnapshot } from './database.ts'
import { definitionAt } from './definition.ts'
import { modelOf } from './page.ts'
import { setRow } from './table-consumer.ts'
import { type Actor, targets, type World } from './world.ts'
import { keysOf } from './write-model.ts'

/** Recomputes keys of tables from outside of their consumers: those that are suspect, and for verify any. */
export function* repairer(world: World): Actor {
  for (;;) {
    yield
    const consumer = world.database.consumers.get(world.pick(tables)) as Consumer
    const key = keyToRepair(world, consumer)
    if (consumer.isBuilt && key) yield* repair(world, consumer, key)
  }
}

const tables = targets.filter((target) => target.endsWith('@table'))

function keyToRepair(world: World, consumer: Consumer): string | undefined {
  if (consumer.suspects.size > 0 && world.chance(0.8)) return world.pick([...consumer.suspects])
  return world.chance(0.3) ? world.pick(keysOf(modelOf(consumer))) : undefined
}

function* repair(world: World, consumer: Consumer, key: string): Actor {
  const { database, rules } = world
  const { version } = consumer
  const snapshot = currentSnapshot(database)
  const row = definitionAt(database, modelOf(consumer), key, snapshot)
  if (!rules.clearsAfterWrite) consumer.suspects.delete(key)
  yield
  if (world.chance(0.5)) yield
  if (!consumer.isBuilt || (rules.repairRaisesVersion && consumer.version !== version)) return
  setRow(consumer, key, row)
  if (rules.keySnapshots) consumer.keySnapshots.set(key, snapshot)
  consumer.suspects.delete(key)
  if (rules.repairRaisesVersion) consumer.version += 1
  checkTable(world, consumer)
}

/** An operator who retries parked events. */
export function* operator(world: World): Actor {
  for (;;) {
    yield
    const consumer = world.database.consumers.get(world.pick(targets)) as Consumer
    const parked = consumer.isBuilt && world.chance(0.1) ? consumer.parked.shift() : undefined
    if (!parked) continue
    if (world.rules.retryRecomputes) consumer.suspects.add(parked.key)
    else if (consumer.target.endsWith('@table'))
      setRow(consumer, parked.key, parked.next(consumer.rows.get(parked.key) ?? null))
  }
}
