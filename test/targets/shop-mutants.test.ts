import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ShopEvents } from '../../examples/shop/events.ts'
import config from '../../examples/shop/trifold.config.ts'
import type { TrifoldConfig } from '../../src/config.ts'
import { withViews } from '../testing/market-kit.ts'
import { openShopKit, type ShopKit } from '../testing/shop-kit.ts'
import { shopMutantModels, shopMutants } from './shop-mutants.ts'

describe('a read model of the shop that is kept wrongly', () => {
  let kit: ShopKit

  beforeAll(async () => {
    const views: Record<string, string> = {}
    const read = (name: string) =>
      readFile(join(config.root as string, config.views as string, `${name}_v01.sql`), 'utf8')
    for (const name of Object.keys(config.readModels)) views[name] = await read(name)
    for (const [name, { of }] of Object.entries(shopMutants)) views[name] = await read(of)
    const readModels = { ...config.readModels, ...shopMutantModels }
    kit = await withViews(views, (folder) =>
      openShopKit({ ...config, readModels, views: folder } as unknown as TrifoldConfig<ShopEvents>, ['memory']),
    )
  })
  beforeEach(() => kit.clear())
  afterAll(() => kit?.close())

  it.each(Object.entries(shopMutants))(
    'is caught, and the right one is not: %s',
    async (name, { of, before, last }) => {
      for (const step of before) await kit.given(step).expectSameAsDefinition({ readModels: [of, name] })
      const given = kit.given(last)
      await given.expectSameAsDefinition({ readModels: [of] })
      await expect(given.expectSameAsDefinition({ readModels: [name] })).rejects.toMatchObject({
        code: 'TARGET_DISAGREES',
        message: expect.stringContaining(`${name}@memory`),
      })
    },
  )
})
