import { setTimeout as rest } from 'node:timers/promises'
import { judgeEnd } from './end.ts'
import type { Engines } from './engines.ts'
import { Journal } from './journal.ts'
import type { Mutant } from './mutants.ts'
import { Readers } from './readers.ts'
import { type Planned, scheduleOf } from './schedule.ts'
import { Stand } from './stand.ts'
import { Writers } from './writers.ts'

/** One schedule to run. */
export interface ScheduleOptions {
  seed: number
  milliseconds: number
  /** The kinds of blows; default all. */
  only?: readonly string[] | undefined
  mutant?: Mutant | undefined
  /** Called with each line of the journal. */
  say(line: string): void
}

/** Runs the schedule of a seed on a market of its own, and judges what is there at the end. Never throws. */
export async function runSchedule(engines: Engines, options: ScheduleOptions): Promise<Journal> {
  const { seed, milliseconds, only, mutant } = options
  const journal = new Journal(options.say)
  // Every third seed has handlers that refuse some events: these are parked.
  const failing = mutant === undefined && seed % 3 === 0
  journal.note(`seed ${seed}: ${milliseconds / 1000} s${failing ? ', with handlers that refuse some events' : ''}`)
  try {
    const stand = await Stand.open(engines, journal, { failing, mutant, workers: mutant ? 1 : 2 })
    try {
      await underLoad(stand, options, journal, () => strikeAll(stand, scheduleOf(seed, milliseconds, only), journal))
      await judgeEnd(stand, journal)
    } finally {
      await heal(stand)
      await stand.close()
    }
  } catch (error) {
    journal.found(`the run itself failed: ${(error as Error).stack}`)
  }
  return journal
}

/** Does something while the market is written and read, then lets it be written for a moment undisturbed. */
export async function underLoad(
  stand: Stand,
  { seed, mutant }: Pick<ScheduleOptions, 'seed' | 'mutant'>,
  journal: Journal,
  work: () => Promise<void>,
): Promise<void> {
  const { application, address } = stand
  const { database } = address
  const writers = new Writers(database, seed, journal)
  const honoursTokens = mutant !== 'token ignored'
  const readers = new Readers(3, seed + 1, { application, database, journal, honoursTokens })
  try {
    await work()
    await heal(stand)
    await rest(1_000)
  } finally {
    await Promise.all([writers.stop(), readers.stop()])
  }
}

/** Strikes each blow at its time, beside those that still last, unless one of them has hold of the same thing. */
export async function strikeAll(stand: Stand, schedule: readonly Planned[], journal: Journal): Promise<void> {
  const held = new Map<string, Promise<void>>()
  const began = performance.now()
  for (const { at, blow } of schedule) {
    await rest(Math.max(0, began + at - performance.now()))
    noteEnded(stand, journal)
    if (held.has(blow.hold)) {
      journal.note(`left out: ${blow.what}`)
      continue
    }
    journal.note(blow.what)
    const struck = blow
      .strike(stand, journal)
      .catch((error: Error) => journal.note(`not done: ${blow.what}: ${error.message}`))
      .finally(() => held.delete(blow.hold))
    held.set(blow.hold, struck)
  }
  await Promise.all(held.values())
}

/** A worker that ended by itself is a finding, and the next one takes its place. */
function noteEnded({ hands }: Stand, journal: Journal): void {
  for (const hand of hands.filter(({ endedByItself }) => endedByItself)) {
    journal.found(`${hand.name} ended by itself: ${hand.child.told().slice(-2_000)}`)
    void hand.restart('kill', 0)
  }
}

/** Ends every disturbance that a blow may have left. */
export async function heal({ engines, ways, hands }: Stand): Promise<void> {
  for (const engine of engines.all) await engine.revive()
  for (const way of ways) way.heal()
  for (const { child } of hands) child.resume()
}
