import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importRetail } from '../../examples/shop/import.ts'
import { openShop, type Shop } from '../../examples/shop/shop.ts'
import { isEqual, verify } from '../../src/operator/verify.ts'
import { mikroOrmExecutor } from '../../src/outbox/adapters/mikro-orm.ts'
import { token } from '../../src/outbox/token.ts'
import { scheduled } from '../../src/testing/feeds.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { Observed } from '../support/observed.ts'
import { retailFile, retailMissing } from '../support/retail-data.ts'
import { openShopToolkit, type ShopToolkit } from '../support/shop-toolkit.ts'

const reason = retailMissing && ` (skipped: ${retailMissing})`

describe.skipIf(reason !== '')(`the real retail data in all targets${reason}`, () => {
  let setting: ShopToolkit
  let shop: Shop
  let worker: Worker
  const observed = new Observed()

  beforeAll(async () => {
    setting = await openShopToolkit()
    shop = await openShop(setting.database.url)
    await importRetail({ orm: shop.orm, file: retailFile, limitInvoices: 300 })
    worker = await startWorker(setting.toolkit, { observe: observed.observe })
  })

  afterAll(async () => {
    await worker?.stop()
    await shop?.close()
    await setting?.close()
  })

  test('built on data that was there and kept by events, every target equals the definition', async () => {
    await importRetail({ orm: shop.orm, file: retailFile, limitInvoices: 2_000 })
    const placed = await shop.orm.em.fork().transactional(async (em) => {
      const executor = mikroOrmExecutor(em)
      await executor.query('select pg_current_xact_id()') // all that was imported is older than this transaction
      return token(executor)
    })
    for (const target of ['table', 'search'] as const) {
      await setting.toolkit.readModel('order_summary').find({ from: target, after: placed, timeout: '60s', limit: 1 })
    }
    await scheduled(setting.toolkit.target('order_summary@view')).refresh()
    const verifications = await verify(setting.toolkit, 'order_summary')
    expect(verifications.map(({ target }) => target)).toEqual(setting.targets)
    expect(
      verifications.filter((one) => !isEqual(one)),
      observed.text(),
    ).toEqual([])
    expect(verifications[0]?.rows).toBeGreaterThan(1_500)
  })
})
