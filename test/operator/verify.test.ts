import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateBulk } from '../../examples/shop/generate-bulk.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { verify } from '../../src/operator/verify.ts'
import { openShopToolkit, type ShopToolkit } from '../support/shop-toolkit.ts'

let shop: ShopToolkit
beforeAll(async () => {
  shop = await openShopToolkit()
  await generateBulk(shop.database.pool, { orders: 12_000 })
  for (const target of shop.targets) await rebuild(shop.toolkit, target)
})
afterAll(() => shop.close())

describe('the agreement of targets with their definition', () => {
  it('is whole where every row is the same, also over several pages', async () => {
    expect(await verify(shop.toolkit, 'order_summary')).toMatchObject(
      shop.targets.map((target) => ({
        target,
        rows: 12_000,
        share: 1,
        missing: 0,
        surplus: 0,
        different: 0,
        examples: [],
        differences: [],
      })),
    )
  })

  it('counts what a target lacks, has beside it, and has otherwise, with the keys', async () => {
    await shop.database.pool.query(`
      delete from trifold.order_summary__table_g1 where order_id = 11999;
      update trifold.order_summary__table_g1 set total_cents = -1 where order_id in (1, 10001);
      update trifold.order_summary__table_g1 set order_id = 999999 where order_id = 500`)
    const [table] = await verify(shop.toolkit, 'order_summary')
    expect(table).toMatchObject({ target: 'order_summary@table', rows: 12_000, missing: 2, surplus: 1, different: 2 })
    expect(new Set(table?.examples)).toEqual(new Set(['1', '10001', '999999', '500', '11999']))
  })
})
