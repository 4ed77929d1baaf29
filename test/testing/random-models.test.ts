import { expect, it } from 'vitest'
import type { ReadModel } from '../../src/read-model.ts'
import { expectAlwaysSameAsDefinition } from '../../src/testing.ts'
import { Random } from '../feed/random.ts'
import { fewOrMany } from '../support/long.ts'
import { marketCommands } from './market-commands.ts'
import { openMarketKit, withViews } from './market-kit.ts'
import { randomModel } from './random-models.ts'

const seed = Number(process.env.TRIFOLD_SEED ?? Math.floor(Math.random() * 1e9))
const rounds = Number(process.env.TRIFOLD_RANDOM_MODELS ?? 1)
const runs = Number(process.env.TRIFOLD_HISTORIES ?? fewOrMany(4, 8))
const modelsAtOnce = 5
const random = new Random(seed)

it.each(Array.from({ length: rounds }, (_, round) => round + 1))(
  `random read models equal their definitions after random histories, round %i (TRIFOLD_SEED=${seed})`,
  async () => {
    const drawn = Array.from({ length: modelsAtOnce }, (_, place) => [`model_${place}`, randomModel(random)] as const)
    const views = Object.fromEntries(drawn.map(([name, { sql }]) => [name, sql]))
    const models = Object.fromEntries(
      drawn.map(([name, { key, on }]) => [name, { key, on, targets: { table: {}, search: { indexRefresh: '20ms' } } }]),
    )
    await withViews(views, async (folder) => {
      const kit = await openMarketKit(models as unknown as Record<string, ReadModel>, ['memory', 'table'], folder)
      try {
        const options = { commands: marketCommands, runs, seed: random.between(1, 1e9), shrinkFor: 10_000 }
        const tally = await expectAlwaysSameAsDefinition(kit, options).catch((error) => {
          throw new Error(`${error.message}\n\n${JSON.stringify(views, undefined, 2).replaceAll('\\n', '\n')}`)
        })
        expect(tally.committed).toBeGreaterThan(runs)
      } finally {
        await kit.close()
      }
    })
  },
)
