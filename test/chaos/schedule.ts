import { Random } from '../feed/random.ts'
import { type Blow, blows } from './blows.ts'
import { machine } from './machine.ts'
import { operations } from './operations.ts'

/** One blow, and when it comes, in milliseconds since the schedule began. */
export interface Planned {
  at: number
  blow: Blow
}

const kinds = { ...blows, ...machine, ...operations }

/** The names of all kinds of blows. */
export const kindNames: readonly string[] = Object.keys(kinds)

/**
 * The blows of a seed, as many as there is time for.
 *
 * @param only the kinds that are drawn; default all
 */
export function scheduleOf(seed: number, milliseconds: number, only: readonly string[] = kindNames): Planned[] {
  const random = new Random(seed)
  const bag = only.flatMap((kind) => Array.from({ length: kinds[kind as keyof typeof kinds].weight }, () => kind))
  const planned: Planned[] = []
  for (let at = 500; at < milliseconds; at += random.between(300, 4_000)) {
    const kind = random.pick(bag) as keyof typeof kinds
    planned.push({ at, blow: kinds[kind].draw(random) })
  }
  return planned
}
