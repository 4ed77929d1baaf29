import { expect, it } from 'vitest'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'

/** Catches up in rounds of so many events. */
class Rounds extends FeedCatchUp {
  private readonly events: number[]
  rounds = 0

  constructor(events: number[]) {
    super({ context: { model: {} } } as never, undefined as never, undefined as never)
    this.events = events
  }

  override async wholly(): Promise<number> {
    return this.events[this.rounds++] as number
  }
}

it.each([
  ['goes on while each round is shorter, until little is left', [9_000, 4_000, 2_000, 900, 100], 4],
  [
    'ends once a round is no shorter than the one before: under that load the next would be longer',
    [9_000, 18_000, 36_000],
    2,
  ],
  ['needs one round if little is there', [10, 10], 1],
])('a catch-up %s', async (_, events, rounds) => {
  const catchUp = new Rounds(events)
  await catchUp.nearly()
  expect(catchUp.rounds).toBe(rounds)
})
