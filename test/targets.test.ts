import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { shopEvents } from '../examples/shop/events.ts'
import { type Shop, ShopError } from '../examples/shop/shop.ts'
import shopConfig from '../examples/shop/trifold.config.ts'
import { defineConfig, resolveConfig } from '../src/config.ts'
import { recompute, recomputeWhere, set } from '../src/read-model.ts'
import { buildNext } from '../src/rebuild/build-next.ts'
import { openToolkit, type Toolkit } from '../src/toolkit.ts'
import { startWorker, type Worker } from '../src/worker.ts'
import { address, createShopDatabase, type ShopDatabase, stockShop } from './examples/shop/shop-database.ts'
import { Random } from './feed/random.ts'
import { expectAgreement, whenApplied } from './support/market/agreement.ts'
import { createSearch, describeWithSearch, type TestSearch } from './support/search.ts'
import { allRows } from './support/target-driver.ts'
import { until } from './support/until.ts'

describeWithSearch('the read models of the shop in all their targets', () => {
  let database: ShopDatabase
  let search: TestSearch
  const toolkits: Toolkit[] = []
  const workers: Worker[] = []
  const folders: string[] = []

  beforeEach(async () => {
    database = await createShopDatabase()
    await database.pool.query('drop view order_summary')
    search = createSearch()
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop()
    for (const toolkit of toolkits.splice(0)) await toolkit.close()
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
    await search.close()
    await database.close()
  })

  const open = async (config: object): Promise<Toolkit> => {
    const addresses = { database: database.url, search: inject('openSearchUrl'), indexPrefix: search.prefix }
    const toolkit = await openToolkit(resolveConfig({ ...config, ...addresses } as typeof shopConfig))
    toolkits.push(toolkit)
    return toolkit
  }
  const fedByEvents = (toolkit: Toolkit) => [...toolkit.targets.values()].filter(({ fedBy }) => fedBy === 'events')
  const start = async (toolkit: Toolkit) => {
    const targets = fedByEvents(toolkit).map(({ context }) => context.target)
    const worker = await startWorker(toolkit, { targets })
    workers.push(worker)
  }

  it('are equal once it is quiet, after customers who act at the same time', async () => {
    const toolkit = await open(shopConfig)
    await start(toolkit)
    const products = await stockShop(database.shop)
    const random = new Random(5)
    await Promise.all(Array.from({ length: 4 }, () => customerActs(database.shop, products, random.fork())))
    await expectAgreement(database.url, fedByEvents(toolkit))
    for (const materializer of toolkit.targets.values()) {
      const { fedBy, context } = materializer
      if (fedBy === 'events') continue
      await buildNext(materializer, { reason: 'test' })
      const table = toolkit.target(`${context.name}@${context.model.targets.table ? 'table' : 'search'}`)
      const rows = await allRows(materializer)
      expect(rows).toEqual(await allRows(table))
      if (context.name === 'order_summary') expect(rows.length).toBeGreaterThan(10)
    }
  })

  it('keep a frozen picture right, and one that is read again; one that is taken from payloads stays wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trifold-views-'))
    folders.push(folder)
    const definition = `
      select order_lines.order_id, order_lines.product_id, product_images.url as picture
      from public.order_lines
      left join public.product_images on product_images.product_id = order_lines.product_id and product_images.position = 1
      where order_lines.place = 1`
    await writeFile(join(folder, 'from_payloads_v01.sql'), definition)
    await writeFile(join(folder, 'read_again_v01.sql'), definition)
    const targets = { table: {}, search: {} }
    const key = ['order_id']
    let lampId = 0
    const pictures = await open(
      defineConfig({
        views: folder,
        events: shopEvents,
        readModels: {
          from_payloads: {
            key,
            targets,
            on: {
              OrderPlaced: (event) =>
                set({ order_id: event.orderId, product_id: lampId, picture: event.previewImageUrl }),
              ProductImageChanged: (event) => recomputeWhere({ product_id: event.productId }),
            },
          },
          read_again: {
            key,
            targets,
            on: {
              OrderPlaced: (event) => recompute([[event.orderId]]),
              ProductImageChanged: (event) => recomputeWhere({ product_id: event.productId }),
            },
          },
        },
      }),
    )
    const summaries = await open({ ...shopConfig, readModels: { order_summary: shopConfig.readModels.order_summary } })
    await start(pictures)
    await start(summaries)
    const products = await stockShop(database.shop)
    lampId = products.lampId
    await expectAgreement(database.url, [...fedByEvents(pictures), ...fedByEvents(summaries)])

    // The order is placed with the old picture, the product's change commits first, the order after it.
    const holder = await database.pool.connect()
    await holder.query('begin')
    await holder.query('lock table orders in exclusive mode')
    const placing = database.shop.placeOrder({
      customerId: products.customerId,
      lines: [{ productId: lampId, quantity: 1 }],
    })
    await until('the order is under way', async () => {
      const { rows } = await database.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into "orders"%'`,
      )
      return rows.length > 0
    })
    await database.shop.changeProductImage(lampId, 'https://images.example/new.jpg')
    await whenApplied(database.url, [...pictures.targets.keys()])
    await holder.query('commit')
    holder.release()
    await placing

    const right = [...fedByEvents(summaries), pictures.target('read_again@table'), pictures.target('read_again@search')]
    await expectAgreement(database.url, right)
    const picture = async (target: string, column: string) =>
      (
        await [summaries, pictures]
          .find((one) => one.targets.has(target))!
          .target(target)
          .find({})
      ).rows[0]?.[column]
    expect(await picture('order_summary@table', 'preview_image_url')).toBe('https://images.example/lamp-1.jpg')
    expect(await picture('read_again@table', 'picture')).toBe('https://images.example/new.jpg')
    const wrong = [pictures.target('from_payloads@table'), pictures.target('from_payloads@search')]
    await whenApplied(
      database.url,
      wrong.map(({ context }) => context.target),
    )
    for (const target of wrong) {
      await target.makeSearchable?.()
      expect(await allRows(target)).toMatchObject([{ picture: 'https://images.example/lamp-1.jpg' }])
    }
  })
})

interface Stocked {
  customerId: number
  lampId: number
  bookId: number
}

/** Some orders of one customer; what the shop refuses at the wrong moment is a part of it. */
async function customerActs(shop: Shop, stock: Stocked, random: Random): Promise<void> {
  const customer = await shop.registerCustomer({ email: `c${random.between(0, 1e9)}@shop.example`, name: 'C', address })
  for (let round = 0; round < 6; round++) {
    const productId = random.pick([stock.lampId, stock.bookId])
    const { id } = await shop.placeOrder({ customerId: customer.id, lines: [{ productId, quantity: 1 }] })
    const steps: (() => Promise<unknown>)[] = [
      () => shop.addLine(id, { productId: stock.lampId, quantity: 2 }),
      () => shop.changeQuantity(id, 1, random.between(1, 4)),
      () => shop.changeProductImage(stock.lampId, `https://images.example/${random.between(0, 1e9)}.jpg`),
      () => shop.receiveStock(productId, 3),
      () => shop.confirmOrder(id),
      () => shop.payOrder(id),
      () => random.pick([shop.shipOrder, shop.cancelOrder])(id),
      () => shop.deleteOrder(id),
    ]
    for (const step of steps) if (random.chance(0.6)) await step().catch(unlessRefused)
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof ShopError)) throw error
}
