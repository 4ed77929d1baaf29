import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Customer } from '../../../../examples/shop/entities/customer.ts'
import { hasSearch, openWebStand, type WebStand } from './stand.ts'
import { Visitor } from './visitor.ts'

let web: WebStand
let visitor: Visitor

beforeAll(async () => {
  web = await openWebStand()
  visitor = new Visitor(web)
})

afterEach(() => {
  expect(web.errors).toEqual([])
})

afterAll(() => web?.close())

const countOf = (html: string): number => Number(/<p class="count"[^>]*><strong>(\d+)</.exec(html)?.[1])

test('facets count what a click on them shows', async () => {
  const { body } = await visitor.get('/products?target=table')
  const [, group, count] =
    /<a href="[^"]*category=(\w+)[^"]*">[^<]*<\/a>\s*<span class="number">(\d+)</.exec(body) ?? []
  const filtered = await visitor.get(`/products?target=table&category=${group}`)
  expect(filtered.body).toContain(`<strong>${count}</strong>`)
  const both = await visitor.get(`/products?target=table&category=${group}&country=Germany`)
  expect(both.body.match(/aria-current="true" title="Remove this filter"/g)).toHaveLength(2)
})

test('a facet with more groups than it shows says so', async () => {
  const more = 'The largest groups; there are more.'
  expect((await visitor.get('/products?target=table')).body).not.toContain(more)
  let commit = ''
  for (let n = 0; n < 13; n++) {
    const texts = { name: 'Sorted', category: `Sort ${n}` }
    commit = (await web.shop.addProduct({ sku: `SORT-${n}`, ...texts, priceCents: 100, stock: 0 })).commit
  }
  const { body } = await visitor.get(`/products?target=table&after=${commit}`)
  const facets = body.match(/<section class="facet">.*?<\/section>/gs) ?? []
  expect(facets.map((facet) => facet.includes(more))).toEqual([true, false])
  expect(facets[0]?.match(/class="number"/g)).toHaveLength(12)
})

test('pages follow each other, also into another target', async () => {
  await web.trifold.admin.refresh('product_search@view')
  const { body } = await visitor.get('/products?target=table&sort=name')
  const next = /href="([^"]*)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&') as string
  const names = (html: string) => [...html.matchAll(/card-title">([^<]*)</g)].map(([, name]) => name)
  const inView = await visitor.get(next.replace('target=table', 'target=view'))
  expect(inView.statusCode).toBe(200)
  expect(names(inView.body)).toEqual(names((await visitor.get(next)).body))
  expect(names(inView.body)).not.toEqual(names(body))
})

test('several categories and a range of prices narrow what is found', async () => {
  const { rows } = await web.pool.query<{ category: string; count: number }>(
    `select category, count(*)::integer as count
    from products
    where category is not null and price_cents between 200 and 1000
    group by category
    order by count(*) desc
    limit 2`,
  )
  expect(rows.length).toBe(2)
  const query = new URLSearchParams([
    ['target', 'table'],
    ['least', '2'],
    ['most', '10'],
    ...rows.map(({ category }) => ['category', category]),
  ])
  const { body } = await visitor.get(`/products?${query}`)
  expect(countOf(body)).toBe(rows.reduce((sum, { count }) => sum + count, 0))
  const chosen = [...body.matchAll(/<a href="([^"]*)" aria-current="true"[^>]*>([^<]*)</g)]
  expect(chosen.map(([, , group]) => group).sort()).toEqual(rows.map(({ category }) => category).sort())
  const [, without, dropped] = chosen[0] as unknown as [string, string, string]
  const left = await visitor.get(without.replaceAll('&amp;', '&'))
  expect(countOf(left.body)).toBe(rows.find(({ category }) => category !== dropped)?.count)
})

test('what a visitor puts into the cart before signing in is there afterwards', async () => {
  const answer = await visitor.post('/cart/lines', { product: 1, quantity: 3, back: '/products' })
  expect(answer.statusCode).toBe(303)
  const page = await visitor.get(answer.headers.location as string)
  const fields = Object.fromEntries(
    [...page.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  )
  const customer = (await web.shop.orm.em.fork().find(Customer, {}, { limit: 1 }))[0] as Customer
  const before = await quantityInCart(customer.id)
  const signedIn = await visitor.post('/sign-in', { ...fields, customer: customer.id })
  expect([signedIn.statusCode, signedIn.headers.location]).toEqual([303, '/cart'])
  expect(await quantityInCart(customer.id)).toBe(before + 3)
})

async function quantityInCart(customer: number): Promise<number> {
  const { rows } = await web.pool.query(
    `select coalesce(sum(order_lines.quantity), 0)::integer as quantity
    from orders
    join order_lines on order_lines.order_id = orders.id
    where orders.customer_id = $1 and orders.status = 'cart' and order_lines.product_id = 1`,
    [customer],
  )
  return Number(rows[0].quantity)
}

test.runIf(hasSearch())(
  'words of products complete what is typed, and what cannot be completed is left alone',
  async () => {
    const suggested = async (q: string) =>
      (await visitor.get(`/products/suggestions?${new URLSearchParams({ q })}`)).json()
    const found = (await suggested('lan')) as { text: string; count: number }[]
    expect(found.map(({ text }) => text)).toContain('Lantern')
    for (const { count } of found) expect(count).toBeGreaterThan(0)
    expect(await suggested('')).toEqual([])
    expect(await suggested('\0"')).toEqual([])
  },
)
