import { afterAll, beforeAll, expect, test } from 'vitest'
import { Customer } from '../../../../examples/shop/entities/customer.ts'
import { until } from '../../../support/until.ts'
import { hasSearch, openWebStand, type WebStand } from './stand.ts'
import { Visitor } from './visitor.ts'

let web: WebStand
let visitor: Visitor

beforeAll(async () => {
  web = await openWebStand()
  visitor = new Visitor(web)
})

afterAll(() => web?.close())

const stateOf = async (target: string) => {
  const { targets } = await web.trifold.admin.status()
  return targets.find((one) => one.target === target)
}

test('the page shows every target of the orders, and leads to the explorer and the console', async () => {
  const { statusCode, body, headers } = await visitor.get('/behind')
  expect(statusCode).toBe(200)
  expect(headers.refresh).toBe('2')
  for (const kind of hasSearch() ? ['table', 'view', 'search'] : ['table', 'view'])
    expect(body).toContain(`order_summary@${kind}`)
  expect(body).toContain('href="http://127.0.0.1:4001/explore"')
  expect(body).toContain('href="http://127.0.0.1:4001/console"')
})

test('a lock holds up the table and not those who read it, and once it is gone the table catches up', async () => {
  const [customer] = await web.shop.orm.em.fork().find(Customer, {}, { limit: 1 })
  expect((await visitor.post('/behind/lock', {})).headers.location, String(web.errors)).toBe('/behind')
  expect((await visitor.get('/behind')).body).toContain('Locked until')
  const order = await visitor.cartOf(customer as Customer)
  await until('the table is behind', async () => ((await stateOf('order_summary@table'))?.eventsWaiting ?? 0) > 0)
  const find = () => web.trifold.readModel('order_summary').find({ from: 'table', where: { order_id: order.cart } })
  expect((await find()).rows).toEqual([])
  await web.breakage.close()
  await until('the order is shown', async () => (await find()).rows.length === 1)
  expect((await visitor.get('/behind')).body).toContain('Lock it for 20 s')
})

test.skipIf(!hasSearch())('an index that is deleted is built again', async () => {
  const before = await stateOf('order_summary@search')
  expect((await visitor.post('/behind/delete', {})).headers.location).toBe('/behind')
  await until('another index serves', async () => {
    const now = await stateOf('order_summary@search')
    return now?.storage !== undefined && now.storage !== before?.storage && now.verdict === 'green'
  })
})

test('changes are taken only from the pages of the shop', async () => {
  const foreign = { origin: 'http://evil.example' }
  for (const what of ['lock', 'kill', 'delete'])
    expect((await visitor.post(`/behind/${what}`, {}, foreign)).statusCode).toBe(403)
})
