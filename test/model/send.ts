import type { IndexWrite } from './search-index.ts'
import type { World } from './world.ts'

/** Sends the writes of a page. @returns whether all were answered; some may still be on their way if not */
export function* send(world: World, writes: readonly IndexWrite[]): Generator<undefined, boolean, undefined> {
  for (const write of writes) {
    if (world.chance(0.12))
      write.notBefore = world.chance(0.4) ? Number.POSITIVE_INFINITY : world.step + world.below(250)
    world.inFlight.push(write)
    if (world.chance(0.2)) yield
  }
  const patience = 30 + world.below(30)
  for (let waited = 1; writes.some(({ isAnswered }) => !isAnswered); waited++) {
    yield
    if (waited > patience || (waited > 3 && world.chance(0.02))) return false
  }
  return true
}
