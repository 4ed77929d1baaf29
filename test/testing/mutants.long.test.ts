import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAlwaysSameAsDefinition, type TestKit } from '../../src/testing.ts'
import { marketViews } from '../support/market/context.ts'
import type { MarketEvents } from '../support/market.ts'
import { marketCommands } from './market-commands.ts'
import { openMarketKit, withViews } from './market-kit.ts'
import { mutantModels, mutants } from './mutants.ts'

// Seeds that catch them in one of the first histories; with any other one a hundred of them do.
const seedOf = (mutant: string): number => Number(process.env.TRIFOLD_SEED ?? seeds[mutant] ?? 2)
const seeds: Record<string, number> = { takes_the_picture_from_the_order: 16 }

describe('a read model whose handlers are wrong', { timeout: 600_000 }, () => {
  let kit: TestKit<MarketEvents>

  beforeAll(async () => {
    const views: Record<string, string> = {}
    for (const [name, { definition }] of Object.entries(mutants)) {
      views[name] = await readFile(join(marketViews, `${definition}_v01.sql`), 'utf8')
    }
    kit = await withViews(views, (folder) => openMarketKit(mutantModels as never, ['memory'], folder))
  })
  afterAll(() => kit?.close())

  it.each(Object.keys(mutants))('is caught, with a short history: %s', async (name) => {
    const options = { commands: marketCommands, readModels: [name], runs: 500, seed: seedOf(name), shrinkFor: 300_000 }
    const error = await expectAlwaysSameAsDefinition(kit, options).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(error).toMatchObject({ code: 'TARGET_DISAGREES', message: expect.stringContaining(`${name}@memory`) })
    expect(error?.message.match(/^ +\d+\. /gm)?.length, error?.message).toBeLessThan(6)
  })
})
