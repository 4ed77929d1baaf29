import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Customer } from '../../../../examples/shop/entities/customer.ts'
import { pageErrorOf } from '../../../../examples/shop/web/page-error.ts'
import { TrifoldError } from '../../../../src/errors.ts'
import { openWebStand, type WebStand } from './stand.ts'
import { host, Visitor } from './visitor.ts'

let web: WebStand
let visitor: Visitor
let customers: [Customer, Customer, Customer]

beforeAll(async () => {
  web = await openWebStand()
  visitor = new Visitor(web)
  const found = await web.shop.orm.em.fork().find(Customer, {}, { orderBy: { id: 'asc' } })
  customers = found as typeof customers
})

afterEach(() => {
  expect(web.errors).toEqual([])
})

afterAll(() => web?.close())

describe('The pages take from nobody else', () => {
  test('another host name is not answered, so that a foreign page cannot reach the shop by one', async () => {
    const answer = await visitor.get('/products', { host: 'evil.example' })
    expect(answer.statusCode).toBe(421)
    expect(answer.body).not.toContain('card-title')
    expect((await visitor.get('/products', { host: 'localhost:4000' })).statusCode).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of an origin that is kept back', { origin: 'null' }],
    ['of another port of this machine', { origin: 'http://127.0.0.1:4001' }],
    ['of a page elsewhere, without an origin', { origin: '', 'sec-fetch-site': 'cross-site' }],
  ])('a form %s changes nothing', async (_what, headers) => {
    const { cookie } = await visitor.signedIn(customers[0])
    const cart = await visitor.cartOf(customers[0])
    const answer = await visitor.post('/orders', cart, { cookie, ...headers })
    expect(answer.statusCode).toBe(403)
    expect(answer.body).toContain('That came from elsewhere')
  })

  test('every page says what may be loaded into it, and frames it nowhere', async () => {
    const { headers, body } = await visitor.get('/products')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(body).not.toMatch(/ style="| on[a-z]+="/)
  })

  test('the cookie is signed, kept from scripts, and not sent from other sites', async () => {
    const { headers } = await visitor.post('/sign-in', { customer: customers[0].id })
    expect(headers['set-cookie']).toMatch(/^customer=\d+\.[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
    const forged = await visitor.get('/orders', { cookie: `customer=${customers[0].id}.forged` })
    expect([forged.statusCode, forged.headers.location]).toEqual([303, '/sign-in?back=%2Forders'])
  })

  test('after signing in it goes back to a page of this shop only', async () => {
    const customer = customers[0].id
    expect((await visitor.post('/sign-in', { customer, back: '/orders?target=view' })).headers.location).toBe(
      '/orders?target=view',
    )
    const elsewhere = ['//evil.example', '/\\evil.example', '/\t/evil.example', '/\n/evil.example', '/\0', '/é']
    for (const back of [...elsewhere, 'https://evil.example', 'javascript:alert(1)'])
      expect((await visitor.post('/sign-in', { customer, back })).statusCode).toBe(400)
  })

  test('what rows, words and addresses hold is shown as text', async () => {
    const name = '<script>alert("x")</script>'
    const { id } = await web.shop.addProduct({
      sku: 'XSS',
      name,
      priceCents: 100,
      stock: 1,
      description: `"'><img src=x>`,
    })
    const product = await visitor.get(`/products/${id}?target=table`)
    expect(product.body).toContain('&lt;script&gt;')
    const search = await visitor.get(
      `/products?target=table&q=${encodeURIComponent(name)}&category=${encodeURIComponent(name)}`,
    )
    for (const { body } of [product, search]) {
      expect(body).not.toContain('<script>alert')
      expect(body).not.toContain('<img')
    }
  })

  test('nobody reads or changes the order of another customer', async () => {
    const { cookie } = await visitor.signedIn(customers[1])
    const { cart, version } = await visitor.cartOf(customers[0])
    expect((await visitor.get(`/orders/${cart}`, { cookie })).statusCode).toBe(404)
    expect((await visitor.post('/orders', { cart, version }, { cookie })).statusCode).toBe(404)
    expect((await visitor.post(`/orders/${cart}/cancel`, { version }, { cookie })).statusCode).toBe(404)
  })
})

describe('What cannot be answered is told', () => {
  test.each([
    ['/products?target=paper', 400, 'Look at target'],
    ['/products?q=a&q=b', 400, 'Look at q'],
    ['/products?wait=900', 400, 'Look at wait'],
    ['/products?category=%00', 400, 'Look at category'],
    ['/products?target=table&country=%00', 400, 'Look at country'],
    ['/products/none', 400, 'Look at id'],
    ['/products/%E0%A4%A', 400, 'That request cannot be answered'],
    ['/products/999999', 404, 'There is no such product'],
    ['/nothing', 404, 'There is no such page'],
    ['/products/', 200, '<h1>Products</h1>'],
    ['/products?cursor=x', 400, 'That page belongs to another list'],
    ['/products?cursor=eyJxdWVyeSI6IngiLCJhZnRlciI6WzFdfQ', 400, 'That page belongs to another list'],
    ['/products/9007199254740991', 404, 'There is no such product'],
    ['/sales?target=table&after=9999999999999999999.1', 200, 'That commit token is of no use here'],
    ['/sales?target=table&after=1.99999999999999999999', 200, 'That commit token is of no use here'],
    [`/products?q=${'%F0%9F%99%82'.repeat(50)}`, 200, '<h1>Products</h1>'],
    ['/products?q=%00', 200, '<h1>Products</h1>'],
    ['/products?q=-+_+...', 200, '<h1>Products</h1>'],
    ['/products?target=table&q=lamp', 422, 'product_search@table cannot answer that'],
    ['/products?target=view&q=lamp', 422, 'product_search@view cannot answer that'],
  ])('%s is answered with %i', async (url, status, text) => {
    const { statusCode, body } = await visitor.get(url)
    expect(statusCode).toBe(status)
    expect(body).toContain(text)
    expect(body).not.toMatch(/ at .*\.ts:\d+/)
  })

  test('a request that a read model does not understand is the fault of whoever asked', () => {
    const error = new TrifoldError('QUERY_INVALID', 'query: `text` has 101 words; it takes at most 100')
    expect(pageErrorOf(error)).toMatchObject({ status: 400, message: '`text` has 101 words; it takes at most 100.' })
  })

  test('a commit token that cannot be read is left out, which the page says', async () => {
    const { statusCode, body } = await visitor.get('/sales?target=table&after=nonsense')
    expect(statusCode).toBe(200)
    expect(body).toContain('That commit token is of no use here')
    expect(body).toContain('TOKEN_INVALID')
    expect(body).toContain('By country')
  })

  test('the version that the page showed decides: a second change of the same page is refused', async () => {
    const headers = await visitor.signedIn(customers[0])
    const placed = await visitor.post('/orders', await visitor.cartOf(customers[0]), headers)
    const id = new URL(placed.headers.location as string, 'http://shop').searchParams.get('placed')
    const paid = await visitor.post(`/orders/${id}/pay`, { version: 2 }, headers)
    expect([paid.statusCode, paid.headers.location]).toEqual([303, expect.stringMatching(/^\/orders\/\d+\?after=/)])
    const referer = `http://${host}/orders/${id}`
    const cancelled = await visitor.post(`/orders/${id}/cancel`, { version: 2 }, { ...headers, referer })
    expect(cancelled.statusCode).toBe(409)
    expect(cancelled.body).toContain('Somebody else was faster')
    expect(cancelled.body).toContain(`href="/orders/${id}">Look at it again`)
    expect((await visitor.post(`/orders/${id}/cancel`, { version: 3 }, headers)).statusCode).toBe(303)
  })

  test('a quantity is changed in the cart that the page showed, as it was then, and in no other', async () => {
    const headers = await visitor.signedIn(customers[1])
    const { cart, version } = await visitor.cartOf(customers[1])
    const change = { cart, version, quantity: 3, target: 'view' }
    expect((await visitor.post('/cart/lines/1', change, headers)).headers.location).toBe('/cart?target=view')
    expect((await visitor.get('/cart', headers)).body).toMatch(/name="quantity" value="3"/)
    const stale = await visitor.post('/cart/lines/1', { ...change, quantity: 9 }, headers)
    expect([stale.statusCode, stale.body]).toEqual([409, expect.stringContaining('Somebody else was faster')])
    await visitor.post('/orders', { cart, version: version + 1 }, headers)
    const { cart: next } = await visitor.cartOf(customers[1])
    const placed = await visitor.post('/cart/lines/1', { ...change, version: version + 2, quantity: 9 }, headers)
    expect([placed.statusCode, placed.body]).toEqual([409, expect.stringContaining('The order is placed already')])
    expect((await visitor.get('/cart', headers)).body).toMatch(
      new RegExp(`name="cart" value="${next}">[^]*name="quantity" value="1"`),
    )
    const { cookie } = await visitor.signedIn(customers[2])
    expect((await visitor.post('/cart/lines/1', { ...change, cart: next }, { cookie })).statusCode).toBe(404)
  })

  test.each([-1, 1_000, 1.5, 'many', ''])('a quantity of %j is refused', async (quantity) => {
    const headers = await visitor.signedIn(customers[2])
    const { cart, version } = await visitor.cartOf(customers[2])
    const changed = await visitor.post('/cart/lines/1', { cart, version, quantity }, headers)
    expect([changed.statusCode, changed.body]).toEqual([400, expect.stringContaining('Look at quantity')])
  })

  test('an order that is placed twice is placed once', async () => {
    const headers = await visitor.signedIn(customers[0])
    const cart = await visitor.cartOf(customers[0])
    expect((await visitor.post('/orders', cart, headers)).statusCode).toBe(303)
    expect((await visitor.post('/orders', cart, headers)).statusCode).toBe(409)
  })

  test('more than there is in stock cannot be ordered', async () => {
    const headers = await visitor.signedIn(customers[2])
    const { id } = await web.shop.addProduct({ sku: 'RARE', name: 'Rare lamp', priceCents: 100, stock: 1 })
    const { id: cart } = await web.shop.placeOrder({
      customerId: customers[2].id,
      lines: [{ productId: id, quantity: 2 }],
    })
    const answer = await visitor.post('/orders', { cart, version: 1 }, headers)
    expect(answer.statusCode).toBe(409)
    expect(answer.body).toContain('Not enough in stock')
  })

  test('a form that is too large is refused', async () => {
    expect((await visitor.post('/sign-in', { customer: 1, back: `/${'x'.repeat(20_000)}` })).statusCode).toBe(413)
  })
})
