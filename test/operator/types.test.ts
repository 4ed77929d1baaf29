import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeTypes } from '../../src/operator/types.ts'
import { openShopToolkit, type ShopToolkit } from '../support/shop-toolkit.ts'

let shop: ShopToolkit
beforeAll(async () => {
  shop = await openShopToolkit()
})
afterAll(() => shop.close())

it('the row types of the shop are those of its definitions', async () => {
  const report = await writeTypes(shop.toolkit.config, { dryRun: true })
  expect(report).toMatchObject({ readModels: ['order_summary'], changed: false, written: false })
  expect(report.file).toMatch(/examples\/shop\/trifold\.types\.ts$/)
})
