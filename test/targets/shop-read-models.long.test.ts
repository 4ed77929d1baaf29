import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { importRetail } from '../../examples/shop/import.ts'
import { openShop, type Shop } from '../../examples/shop/shop.ts'
import type { Materializer } from '../../src/materializer.ts'
import { isEqual, type Verification, verify } from '../../src/operator/verify.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { Observed } from '../support/observed.ts'
import { retailFile, retailMissing } from '../support/retail-data.ts'
import { shopReadModels } from '../support/shop-config.ts'
import { openShopToolkit, type ShopToolkit } from '../support/shop-toolkit.ts'
import { until } from '../support/until.ts'
import { WorkerChild } from '../support/worker-child.ts'
import { Clerks, countries, type Sale } from './clerks.ts'

const data = retailMissing ? `made-up sales (no real ones: ${retailMissing})` : 'made-up and real sales'

describe(`the read models of the shop with ${data}`, () => {
  let setting: ShopToolkit
  let shop: Shop
  let clerks: Clerks
  let worker: Worker
  const observed = new Observed()

  beforeAll(async () => {
    setting = await openShopToolkit(shopReadModels)
    shop = await openShop(setting.database.url)
    clerks = await Clerks.open(shop, 20260301)
    await importInvoices(150)
    await clerks.work(5)
    worker = await start()
  })

  afterAll(async () => {
    await worker?.stop()
    await shop?.close()
    await setting?.close()
  })

  const start = () => startWorker(setting.toolkit, { observe: observed.observe })

  async function importInvoices(limitInvoices: number): Promise<void> {
    if (!retailMissing) await importRetail({ orm: shop.orm, file: retailFile, limitInvoices })
  }

  const targetsOf = (name: string) =>
    [...setting.toolkit.targets.values()].filter(({ context }) => context.name === name)

  /** Nobody writes any more: waits for the consumers, refreshes the views, and compares every row of every target. */
  async function expectAgreement(): Promise<void> {
    const targets = [...setting.toolkit.targets.values()]
    const fed = targets.filter(({ fedBy }) => fedBy === 'events').map(({ context }) => context.target)
    await whenApplied(setting.database.url, fed)
    for (const target of targets) await bringUp(target)
    const verifications: Verification[] = []
    for (const name of shopReadModels) verifications.push(...(await verify(setting.toolkit, name)))
    expect(verifications.map(({ target }) => target)).toEqual(setting.targets)
    expect(
      verifications.filter((one) => !isEqual(one)),
      observed.text(),
    ).toEqual([])
  }

  /** Orders and items by day and country, and units and countries by product, by the clerks' own books. */
  async function expectTheBooks(): Promise<void> {
    const sales = [...clerks.sales.values()]
    for (const target of targetsOf('daily_sales')) {
      const { rows } = await target.find({ where: { country: { in: countries } }, sort: ['day', 'country'] })
      expect(rows.map(({ revenue_cents, ...counted }) => counted)).toEqual(salesByDay(sales))
    }
    for (const target of targetsOf('product_search')) {
      const { rows } = await target.find({ where: { product_id: { in: clerks.products } } })
      expect(rows.map(({ units_sold, countries: soldTo }) => ({ units_sold, soldTo }))).toEqual(
        clerks.products.map((id) => soldOf(id, sales)),
      )
    }
  }

  test('many at once, and a worker that is stopped and started again, leave every target equal and every counter exact', async () => {
    await Promise.all([importInvoices(220), clerks.work(12)])
    const working = clerks.work(12)
    await worker.stop()
    await working
    await importInvoices(300)
    worker = await start()
    await clerks.work(12)
    await expectAgreement()
    await expectTheBooks()
    expect(clerks.sales.size).toBeGreaterThan(40)
  })

  const faults = [
    'page:applied:kill:2',
    'table:rows-written:kill:2',
    ...(inject('openSearchUrl') ? ['search:before-cursor:kill:2', 'search:recomputed:kill:1'] : []),
  ]

  test.each(faults)('a worker that is killed loses and doubles nothing: %s', async (fault) => {
    await worker.stop()
    const killed = new WorkerChild({ ...setting.address, shop: shopReadModels, pageSize: 3, fault })
    killed.start()
    await clerks.work(6)
    await killed.ended()
    expect(killed.printed).toContain(`fault point ${fault.split(':kill')[0]}: SIGKILL`)
    worker = await start()
    await clerks.work(3)
    await expectAgreement()
    await expectTheBooks()
  })

  test('a country whose last order is cancelled is gone from the days and from the products', async () => {
    await clerks.cancelAll('Zubrowka')
    await expectAgreement()
    await expectTheBooks()
    const { rows } = await setting.toolkit.readModel('daily_sales').find({ where: { country: 'Zubrowka' } })
    expect(rows).toEqual([])
  })

  test('a product is found by a word of its name or description that is spelt wrongly', async (context) => {
    if (!setting.targets.includes('product_search@search')) context.skip('there is no OpenSearch')
    const [lantern] = clerks.products as [number]
    const { commit } = await shop.describeProduct(lantern, { description: 'It swings from a windjammer' })
    for (const text of ['brass lantren', 'windjamer']) {
      const { rows } = await setting.toolkit
        .readModel('product_search')
        .find({ from: 'search', text, after: commit, timeout: '20s' })
      expect(rows.map((row) => row.product_id)).toEqual([lantern])
    }
  })
})

/** A refresh of the schedule that is under way has begun before everything was quiet: it does not count. */
const bringUp = (target: Materializer) =>
  target.fedBy === 'schedule'
    ? until('it is refreshed', async () => (await target.refresh()).outcome === 'refreshed')
    : target.makeSearchable?.()

function salesByDay(sales: readonly Sale[]): { day: string; country: string; orders: number; items: number }[] {
  const rows = new Map<string, { day: string; country: string; orders: number; items: number }>()
  for (const { day, country, lines } of sales) {
    const row = rows.get(day + country) ?? { day, country, orders: 0, items: 0 }
    row.orders += 1
    for (const { quantity } of lines) row.items += quantity
    rows.set(day + country, row)
  }
  return [...rows].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([, row]) => row)
}

function soldOf(product: number, sales: readonly Sale[]): { units_sold: number; soldTo: string[] } {
  const lines = sales.flatMap((sale) => sale.lines.map((line) => ({ ...line, country: sale.country })))
  const sold = lines.filter(({ productId }) => productId === product)
  return {
    units_sold: sold.reduce((sum, { quantity }) => sum + quantity, 0),
    soldTo: [...new Set(sold.map(({ country }) => country))].sort(),
  }
}
