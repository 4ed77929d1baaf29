import { Failover } from './branch.ts'
import { sameRow } from './check.ts'
import { type Consumer, currentSnapshot, type Database, eventsBetween, rollBack, type Window } from './database.ts'
import { definitionAt } from './definition.ts'
import { modelOf } from './page.ts'
import { operator, repairer } from './repairer.ts'
import { retention, tombstonePruning } from './retention.ts'
import { type Rules, sound } from './rules.ts'
import { searchConsumer } from './search-consumer.ts'
import { land } from './search-index.ts'
import { tableConsumer } from './table-consumer.ts'
import { ticker } from './ticker.ts'
import { Violation } from './violation.ts'
import { type Actor, targets, World } from './world.ts'
import { keysOf } from './write-model.ts'
import { writer } from './writer.ts'

/** One that takes part, and how it is made again after a crash. */
interface Part {
  name: string
  make: () => Actor
  actor: Actor
  /** It does nothing before this step. */
  frozenUntil: number
  crashes: boolean
}

const steps = 500
const patience = 30_000

/**
 * Runs one random history and gives what was wrong in it, if anything was. Writers write for a while, everybody else crashes and
 * freezes; then all that is left is applied, whoever was frozen wakes up, and late requests arrive.
 */
export function violationIn(seed: number, broken: Partial<Rules> = {}): string | undefined {
  const history = new History(new World(seed, { ...sound, ...broken }))
  try {
    history.run()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error.message
    throw error
  }
}

class History {
  private readonly world: World
  private readonly parts: Part[]
  private readonly failover = new Failover()

  constructor(world: World) {
    this.world = world
    const twice = (name: string, make: (owner: string) => Actor): Part[] =>
      ['1', '2'].map((number) => partOf(`${name} ${number}`, () => make(`${name} ${number}`), true))
    const consumers = targets.flatMap((target) =>
      twice(target, (owner) =>
        target.endsWith('@table') ? tableConsumer(world, target, owner) : searchConsumer(world, target, owner),
      ),
    )
    const upkeep = [repairer, operator, retention, tombstonePruning].map((one) =>
      partOf(one.name, () => one(world), true),
    )
    const writers = [1, 2, 3].map((number) => partOf(`writer ${number}`, () => writer(world), false))
    this.parts = [...writers, ...twice('ticker', () => ticker(world)), ...consumers, ...upkeep]
  }

  run(): void {
    for (let step = 0; step < (this.world.branches ? 4 : 1) * steps; step++) this.step()
    this.endWriting()
    const frozen = this.parts.filter(({ frozenUntil }) => frozenUntil > this.world.step)
    for (const part of frozen) part.frozenUntil = this.isNeeded(part, frozen) ? 0 : Number.POSITIVE_INFINITY
    this.settle()
    for (const part of frozen) part.frozenUntil = 0 // they go on where they were
    for (let step = 0; step < 400; step++) this.step()
    for (let round = 0; round < 3; round++) {
      this.landAll()
      this.settle()
    }
    this.check()
  }

  private step(): void {
    const { world } = this
    world.step += 1
    if (this.failover.step(world)) for (const part of this.parts) this.begin(part)
    if (world.inFlight.length > 0 && world.chance(0.45)) this.landOne()
    const part = world.pick(this.parts)
    if (part.frozenUntil > world.step) return
    const fate = world.isQuiet || !part.crashes ? 1 : world.random.next()
    if (fate < 0.004) part.actor = part.make()
    else if (fate < 0.012) part.frozenUntil = world.step + 20 + world.below(250)
    else part.actor.next()
  }

  /** Connections break when a database goes back, and not everybody is there again at once. */
  private begin(part: Part): void {
    part.actor = part.make()
    part.frozenUntil = this.world.step + this.world.below(300)
  }

  private landOne(): void {
    const place = this.world.below(this.world.inFlight.length)
    const write = this.world.inFlight[place]
    if (!write || write.notBefore > this.world.step) return
    this.world.inFlight.splice(place, 1)
    land(write)
  }

  private landAll(): void {
    const { inFlight } = this.world
    while (inFlight.length > 0) land(inFlight.splice(this.world.below(inFlight.length), 1)[0] as never)
  }

  /** Open transactions are rolled back. */
  private endWriting(): void {
    const { database } = this.world
    this.world.isQuiet = true
    for (const part of this.parts) if (part.name.startsWith('writer')) part.actor = part.make()
    rollBack(database)
  }

  /** Whether nobody else does its work. */
  private isNeeded({ name }: Part, frozen: readonly Part[]): boolean {
    const others = this.parts.filter((one) => one.name.split(' ')[0] === name.split(' ')[0])
    return others.every((one) => frozen.includes(one))
  }

  private settle(): void {
    for (let step = 0; step < patience; step++) {
      if (isDone(this.world.database)) return
      this.step()
    }
    throw new Violation('the targets do not catch up')
  }

  /** In the end every row is what the definition says now. */
  private check(): void {
    const { database, indexes } = this.world
    const now = currentSnapshot(database)
    for (const consumer of database.consumers.values()) {
      const { target, rows } = consumer
      for (const key of keysOf(modelOf(consumer))) {
        const row = target.endsWith('@table') ? rows.get(key) : indexes.get(target)?.documents.get(key)?.row
        const wanted = definitionAt(database, modelOf(consumer), key, now)
        if (!sameRow(row ?? null, wanted))
          throw new Violation(
            `${target}: the row ${key} is wrong in the end: ${JSON.stringify(row)}, not ${JSON.stringify(wanted)}`,
          )
      }
    }
  }
}

const partOf = (name: string, make: () => Actor, crashes: boolean): Part => ({
  name,
  make,
  actor: make(),
  frozenUntil: 0,
  crashes,
})

function isDone(database: Database): boolean {
  const { windows, consumers } = database
  const isCaughtUp = ({ isBuilt, window, suspects }: Consumer) =>
    isBuilt && window === windows.length && suspects.size === 0
  const last = windows.at(-1) as Window
  return (
    [...consumers.values()].every(isCaughtUp) &&
    eventsBetween(database, last.snapshot, currentSnapshot(database)).length === 0
  )
}
