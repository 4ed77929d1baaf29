import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Restriction } from '../../src/index.ts'
import { openTrifold, type Trifold } from '../../src/trifold.ts'
import type { TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { type MarketEvents, marketConfig } from '../support/market.ts'

let database: TestDatabase
let trifold: Trifold<MarketEvents>

beforeAll(async () => {
  database = await createMarket()
  for (const [id, productId] of [
    [1, 1],
    [2, 2],
    [3, 1],
  ] as const)
    await inOneTransaction(database.pool, (client) =>
      placeOrder(client, id, { quantity: id, productId, day: '2026-01-01' }),
    )
  trifold = await openTrifold(marketConfig({ database: database.url }))
  for (const target of trifold.targets) await trifold.admin.rebuild(target)
})
afterAll(async () => {
  await trifold?.close()
  await database?.close()
})

const restriction = { columns: ['order_id', 'quantity'], where: { product_id: 1 } }
const visible = [
  { order_id: 1, quantity: 1 },
  { order_id: 3, quantity: 3 },
]
const orders = () => trifold.readModel('plain_order')

it('reads what a restriction leaves, and the reader that it was made from reads everything', async () => {
  const restricted = orders().restrict(restriction)
  expect((await restricted.find()).rows).toEqual(visible)
  expect((await restricted.summarize({ sum: 'quantity' })).groups[0]).toMatchObject({ count: 2, sum: 4 })
  await expect(restricted.find({ where: { product_id: 2 } })).rejects.toThrow(/plain_order has no column product_id/)
  expect((await restricted.restrict({ where: { quantity: 3 } }).find()).rows).toEqual(visible.slice(1))
  expect((await orders().find()).rows).toHaveLength(3)
})

it('refuses every request to a restriction that is none', async () => {
  for (const wrong of [undefined, {}, { where: {} }, { where: undefined }]) {
    const restricted = orders().restrict(wrong as unknown as Restriction)
    await expect(restricted.find()).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(restricted.summarize()).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(restricted.suggest({ text: 'a' } as never)).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  }
})

it('exports what a restriction leaves', async () => {
  const exported = async (request: object, options: object) => {
    let text = ''
    for await (const chunk of await trifold.export('plain_order@table', request, { format: 'ndjson', ...options }))
      text += Buffer.from(chunk).toString()
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
  expect(await exported({ sort: 'order_id' }, { restriction })).toEqual(visible)
  expect(await exported({ where: { quantity: { gt: 1 } } }, { restriction })).toEqual(visible.slice(1))
  await expect(exported({ columns: ['day'] }, { restriction })).rejects.toThrow(/plain_order has no column day/)
  for (const wrong of [null, {}, { where: undefined }, { columns: [] }])
    await expect(exported({}, { restriction: wrong })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  await expect(exported({}, { restriction: undefined })).rejects.toThrow(/a restriction is undefined/)
})
