import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeTypes } from '../../src/operator/write-row-types.ts'
import { shopReadModels } from '../support/shop-config.ts'
import { openShopToolkit, type ShopToolkit } from '../support/shop-toolkit.ts'

let shop: ShopToolkit
beforeAll(async () => {
  shop = await openShopToolkit(shopReadModels)
})
afterAll(() => shop.close())

it('the row types of the shop are those of its definitions', async () => {
  const report = await writeTypes(shop.toolkit.config, { dryRun: true })
  expect(report).toMatchObject({ readModels: shopReadModels, changed: false, written: false })
  expect(report.file).toMatch(/examples\/shop\/trifold\.types\.ts$/)
})
