import type { Customer } from '../../../../examples/shop/entities/customer.ts'
import { hrefOf } from '../../../../examples/shop/web/address.ts'
import type { WebStand } from './stand.ts'

type Headers = Record<string, string>

/** The host that the visitors name. */
export const host = '127.0.0.1:4000'

/** Requests to the web front without a network. */
export class Visitor {
  private readonly web: WebStand

  constructor(web: WebStand) {
    this.web = web
  }

  get(url: string, headers: Headers = {}) {
    return this.web.app.inject({ url, headers: { host, ...headers } })
  }

  /** Sends a form of the shop's own pages, unless the headers say otherwise. */
  post(url: string, fields: Record<string, string | number>, headers: Headers = {}) {
    const own = { host, origin: `http://${host}`, 'content-type': 'application/x-www-form-urlencoded' }
    return this.web.app.inject({
      method: 'POST',
      url,
      headers: { ...own, ...headers },
      payload: hrefOf('', fields).slice(1),
    })
  }

  /** The header that carries the cookie of a customer who has signed in. */
  async signedIn({ id }: Customer): Promise<{ cookie: string }> {
    const { cookies } = await this.post('/sign-in', { customer: id })
    return { cookie: `customer=${encodeURIComponent(cookies[0]?.value ?? '')}` }
  }

  /** A new cart of that customer; returns what its form would send. */
  async cartOf({ id: customerId }: Customer): Promise<{ cart: number; version: number }> {
    const { rows } = await this.web.trifold.readModel('product_search').find({ from: 'table', limit: 1 })
    const lines = [{ productId: rows[0]?.product_id as number, quantity: 1 }]
    const { id } = await this.web.shop.placeOrder({ customerId, lines })
    return { cart: id, version: 1 }
  }
}
