import type * as FastCheck from 'fast-check'
import { TrifoldError } from '../errors.ts'
import type { EventRegistry } from '../outbox.ts'
import type { TestKit } from './kit.ts'
import { histories } from './property/arbitrary.ts'
import { type ArbitraryOf, type Command, type History, shownHistory } from './property/history.ts'
import { Player } from './property/play.ts'
import { shorten } from './property/shorten.ts'
import type { Tally } from './property/tally.ts'

/** What a property test plays, and for how long. */
export interface AlwaysOptions<Events extends EventRegistry, Tx> {
  /** What the application can be asked to do: arbitraries of fast-check. Few different keys give more conflicts. */
  commands: readonly ArbitraryOf<Command<Events, Tx>>[]
  /** Read models that are compared; default all that have handlers. */
  readModels?: readonly string[]
  /** How many histories; default 50. */
  runs?: number
  /** Of an earlier run, to have the same histories again; default a random one. */
  seed?: number
  /** Of an earlier failure, to have its history again at once; needs the `seed`. */
  path?: string
  /** How many transactions may be open at once; default 3. */
  writers?: number
  /** Most steps of a history, at least half of which it has; default 60. */
  length?: number
  /** Longest time that a command may take without waiting for a lock, in milliseconds; default 30,000. */
  patience?: number
  /** Longest time that is spent on a shorter counterexample, in milliseconds; default 20,000. */
  shrinkFor?: number
}

/**
 * Plays random histories of the application's commands (several open transactions, their steps interleaved, some rolled back)
 * while consumers apply pages of random sizes, die at random statements and overtake each other, and expects every target to
 * equal its definition in the end. Of a history that breaks this it looks for a short one. Needs the package `fast-check`.
 *
 * @returns what happened: a command that is always refused tests nothing
 * @throws TARGET_DISAGREES with the history, what differs and how to repeat it; HANDLER_FAILED; TEST_MEANINGLESS if nothing
 * was ever committed; TEST_STUCK; what a command throws by mistake (see the page on testing)
 */
export async function expectAlwaysSameAsDefinition<Events extends EventRegistry, Tx>(
  kit: TestKit<Events, Tx>,
  options: AlwaysOptions<NoInfer<Events>, NoInfer<Tx>>,
): Promise<Tally & { seed: number }> {
  const { commands, runs = 50, writers = 3, length = 60, patience = 30_000, shrinkFor = 20_000 } = options
  const fc = await import('fast-check')
  const player = new Player(kit, kit.targets.of(options.readModels), { writers, patience })
  try {
    const property = fc.asyncProperty(histories(fc, commands, { writers, length }), (history) => player.play(history))
    const { seed, path } = options
    const details = await fc.check(property, {
      numRuns: runs,
      endOnFailure: true,
      unbiased: true,
      ...(seed !== undefined && { seed }),
      ...(path !== undefined && { path }),
    })
    if (details.failed) throw await shortFailure(details, player, Date.now() + shrinkFor)
    if (player.tally.committed === 0) throw meaningless(player.tally)
    return { ...player.tally, seed: details.seed }
  } finally {
    await kit.clear()
  }
}

/** The error of a short history, with the history and how to have it again. */
async function shortFailure<Events extends EventRegistry, Tx>(
  details: FastCheck.RunDetails<[History<Events, Tx>]>,
  player: Player<Events, Tx>,
  end: number,
): Promise<unknown> {
  const { seed, counterexamplePath, counterexample, errorInstance } = details
  if (!counterexample) return errorInstance
  const play = (history: History<Events, Tx>) =>
    player.play(history).then(
      () => undefined,
      (error) => error ?? null,
    )
  const { history, error } = await shorten({ history: counterexample[0], error: errorInstance }, play, end)
  if (!(error instanceof Error)) return error
  error.message += `\n\nafter this history (what is open at its end is committed, and all is applied):\n
${shownHistory(history)}\n\nTo have it again: { seed: ${seed}, path: '${counterexamplePath}' }`
  return error
}

function meaningless({ refused, rolledBack }: Tally): TrifoldError {
  const reasons = Object.entries(refused).map(([message, times]) => `${times} times: ${message}`)
  return new TrifoldError(
    'TEST_MEANINGLESS',
    `testing: no transaction of the property test committed (${rolledBack} were rolled back), so nothing was tested; refused ${reasons.join('; ') || 'none'}`,
  )
}
