import { Order } from '../../examples/shop/entities/order.ts'
import { loadCustomer, loadProduct } from '../../examples/shop/load.ts'
import { type Shop, ShopError } from '../../examples/shop/shop.ts'
import { unitOfWork } from '../../examples/shop/unit-of-work.ts'
import { mikroOrmExecutor } from '../../src/outbox/adapters/mikro-orm.ts'
import { Random } from '../feed/random.ts'

/** Places that nobody else in the database sells to. */
export const countries = ['Atlantis', 'Côte d’Été', 'Zubrowka']
const names = ['Brass Lantern', 'Tin Whistle', 'Velvet Armchair', 'Copper Kettle', 'Paper Kite']
const days = ['2026-02-28', '2026-03-01', '2026-03-02']

/** An order that is confirmed and not cancelled, as the clerk remembers it who confirmed it. */
export interface Sale {
  id: number
  day: string
  country: string
  lines: { productId: number; quantity: number }[]
}

/** Several people who work in the shop at once, on few products, and keep books of what they sold. */
export class Clerks {
  /** What stands confirmed, by the id of the order. */
  readonly sales = new Map<number, Sale>()
  /** Commands that the shop refused, because somebody else was faster. */
  refused = 0
  private readonly shop: Shop
  private readonly customers: number[]
  private readonly random: Random
  readonly products: number[]

  private constructor(shop: Shop, random: Random, customers: number[], products: number[]) {
    this.shop = shop
    this.random = random
    this.customers = customers
    this.products = products
  }

  static async open(shop: Shop, seed: number): Promise<Clerks> {
    const customers: number[] = []
    for (const country of countries) {
      const address = { street: '', city: '', postalCode: '', country }
      const { id } = await shop.registerCustomer({ email: `${customers.length}@clerks.example`, name: 'Ann', address })
      customers.push(id)
    }
    const products: number[] = []
    for (const name of names) {
      const { id } = await shop.addProduct({ sku: `CLERK-${name}`, name, priceCents: 1_000, stock: 1_000_000 })
      products.push(id)
    }
    return new Clerks(shop, new Random(seed), customers, products)
  }

  /** Each of five clerks takes so many steps. */
  async work(steps: number): Promise<void> {
    const clerk = async (random: Random) => {
      for (let step = 0; step < steps; step++) await this.step(random)
    }
    await Promise.all(Array.from({ length: 5 }, () => clerk(this.random.fork())))
  }

  /** Cancels all that stands confirmed of one country. */
  async cancelAll(country: string): Promise<void> {
    for (const sale of [...this.sales.values()]) if (sale.country === country) await this.cancel(sale)
  }

  private async step(random: Random): Promise<void> {
    const choice = random.next()
    try {
      if (choice < 0.45) await this.sell(random)
      else if (choice < 0.6) await this.onAny(random, (sale) => this.cancel(sale))
      else if (choice < 0.65) await this.onAny(random, ({ id }) => this.shop.payOrder(id))
      else if (choice < 0.7) await this.moveCustomer(random)
      else if (choice < 0.9) await this.changeProduct(random)
      else await this.changeSlowly(random)
    } catch (error) {
      if (!(error instanceof ShopError)) throw error
      this.refused += 1
    }
  }

  private async sell(random: Random): Promise<void> {
    const line = () => ({ productId: random.pick(this.products), quantity: random.between(1, 9) })
    const lines = Array.from({ length: random.between(1, 4) }, line)
    const now = new Date('2026-02-01T00:00:00Z')
    const { id } = await this.shop.placeOrder({ customerId: random.pick(this.customers), lines, now })
    const { country } = await this.shop.orm.em.fork().findOneOrFail(Order, { id })
    const day = random.pick(days)
    const edge = random.pick(['T00:00:00.000Z', 'T12:00:00.000Z', 'T23:59:59.999Z'])
    await this.shop.confirmOrder(id, new Date(day + edge))
    this.sales.set(id, { id, day, country, lines })
  }

  private async onAny(random: Random, work: (sale: Sale) => Promise<unknown>): Promise<void> {
    const sales = [...this.sales.values()]
    if (sales.length > 0) await work(random.pick(sales))
  }

  /** It leaves the books first, so that two clerks do not cancel the same order. */
  private async cancel(sale: Sale): Promise<void> {
    this.sales.delete(sale.id)
    try {
      await this.shop.cancelOrder(sale.id)
    } catch (error) {
      this.sales.set(sale.id, sale)
      throw error
    }
  }

  /** Orders that are placed keep the country that they were placed in. */
  private async moveCustomer(random: Random): Promise<void> {
    await unitOfWork(this.shop.orm, async (em) => {
      const customer = await loadCustomer(em, random.pick(this.customers))
      customer.deliveryAddress().country = random.pick(countries)
    })
  }

  private async changeProduct(random: Random): Promise<void> {
    const place = random.between(0, names.length - 1)
    const id = this.products[place] as number
    const change = random.between(1, 1_000)
    const category = random.chance(0.3) ? null : `Category ${change % 3}`
    if (random.chance(0.4)) await this.shop.changeProductPrice(id, 1_000 + change)
    else if (random.chance(0.7))
      await this.shop.describeProduct(id, {
        name: `${names[place]} No. ${change}`,
        description: `Change "${change}" \\ ü`,
        category,
      })
    else await this.shop.changeProductImage(id, `https://images.example/${change}.jpg`)
  }

  /** One unit of work that gets its transaction id long before it appends, and changes several products. */
  private async changeSlowly(random: Random): Promise<void> {
    await unitOfWork(this.shop.orm, async (em) => {
      const executor = mikroOrmExecutor(em)
      await executor.query('select pg_current_xact_id()')
      await executor.query('select pg_sleep($1::float8)', [random.next() / 20])
      const ids = [...new Set([random.pick(this.products), random.pick(this.products)])].sort((a, b) => a - b)
      for (const id of ids) {
        const product = await loadProduct(em, id)
        product.describe({ description: `Together ${random.between(1, 1_000)}` })
        product.changePrice(random.between(1, 2_000))
        await em.flush()
      }
    })
  }
}
