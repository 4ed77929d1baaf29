import { setTimeout as delay } from 'node:timers/promises'
import type { CommitToken } from 'trifold'
import type { Random } from '../random.ts'
import { type Shop, ShopError } from '../shop.ts'
import type { ShopIds } from './seed.ts'

/** A command that was carried out. */
export interface Step {
  what: string
  orderId: number
  commit: CommitToken
  /** When the commit was known, by `performance.now()`. */
  committedAt: number
}

export interface TrafficOptions {
  /** Commands a second that are aimed at. */
  rate: number
  signal: AbortSignal
  onStep: (step: Step) => void
}

interface OpenOrder {
  id: number
  status: 'cart' | 'confirmed' | 'paid' | 'shipped'
}

const mostAtOnce = 6
const fewestOpen = 20

/**
 * Places orders and moves them on through the shop's commands, each a transaction of the ORM that changes one order and
 * appends its event, at an even rate until the signal aborts. Where the machine is too slow for the rate it is as fast
 * as it can be.
 */
export class Traffic {
  /** Commands that were carried out. */
  done = 0
  /** Commands that the shop refused: out of stock, or changed by somebody else. */
  refused = 0
  private readonly shop: Shop
  private readonly ids: ShopIds
  private readonly random: Random
  private readonly open: OpenOrder[] = []
  private readonly running = new Set<Promise<void>>()

  constructor(shop: Shop, ids: ShopIds, random: Random) {
    this.shop = shop
    this.ids = ids
    this.random = random
  }

  /** @throws what a command throws that is not the shop's refusal */
  async run({ rate, signal, onStep }: TrafficOptions): Promise<void> {
    let failure: unknown
    for (
      let due = performance.now();
      !signal.aborted && !failure;
      due = Math.max(due + 1_000 / rate, performance.now())
    ) {
      while (this.running.size >= mostAtOnce) await Promise.race(this.running)
      await delay(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => {}) // aborted: the loop ends
      const one = this.step()
        .then((step) => step && onStep(step))
        .catch((error) => {
          failure = error
        })
        .finally(() => this.running.delete(one))
      this.running.add(one)
    }
    await Promise.all(this.running)
    if (failure) throw failure
  }

  /** Carries out one command; undefined where the shop refused it. */
  async step(): Promise<Step | undefined> {
    const place = this.open.length < fewestOpen || this.random.next() < 0.35
    const order = place ? undefined : this.takeOpen()
    try {
      const step = order ? await this.move(order) : await this.place()
      this.done += 1
      return { ...step, committedAt: performance.now() }
    } catch (error) {
      if (!(error instanceof ShopError)) throw error
      this.refused += 1
      return undefined
    }
  }

  /** An order that is being moved is off the list, so that two commands do not meet on it. */
  private takeOpen(): OpenOrder {
    return this.open.splice(this.random.whole(0, this.open.length - 1), 1)[0] as OpenOrder
  }

  private async place(): Promise<Omit<Step, 'committedAt'>> {
    const { customers, products } = this.ids
    const lines = Array.from({ length: this.random.whole(1, 4) }, () => this.line(products))
    const { id, commit } = await this.shop.placeOrder({ customerId: this.random.pick(customers), lines })
    this.open.push({ id, status: 'cart' })
    return { what: 'placed', orderId: id, commit }
  }

  private line(products: number[]) {
    return { productId: this.random.pick(products), quantity: this.random.whole(1, 5) }
  }

  private async move(order: OpenOrder): Promise<Omit<Step, 'committedAt'>> {
    const { what, next, run } = this.nextOf(order)
    const { commit } = await run()
    if (next) this.open.push({ id: order.id, status: next })
    return { what, orderId: order.id, commit }
  }

  private nextOf({ id, status }: OpenOrder) {
    const { shop } = this
    const chance = this.random.next()
    if (status === 'paid') return { what: 'shipped', next: 'shipped' as const, run: () => shop.shipOrder(id) }
    if (status === 'shipped') return { what: 'delivered', next: undefined, run: () => shop.deliverOrder(id) }
    if (status === 'confirmed') {
      if (chance < 0.2) return { what: 'cancelled', next: undefined, run: () => shop.cancelOrder(id) }
      return { what: 'paid', next: 'paid' as const, run: () => shop.payOrder(id) }
    }
    if (chance < 0.2) return { what: 'deleted', next: undefined, run: () => shop.deleteOrder(id) }
    if (chance < 0.4) {
      return { what: 'extended', next: 'cart' as const, run: () => shop.addLine(id, this.line(this.ids.products)) }
    }
    return { what: 'confirmed', next: 'confirmed' as const, run: () => shop.confirmOrder(id) }
  }
}
