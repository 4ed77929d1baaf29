import { Collection } from '@mikro-orm/core'
import { ShopError, wholeAmount } from '../errors.ts'
import { record } from '../facts.ts'
import { shippingCents } from '../shipping.ts'
import type { Address, Customer } from './customer.ts'
import { type NewLine, OrderLine } from './order-line.ts'
import { checkMove, type OrderStatus, statusLabel } from './order-status.ts'

export interface NewOrder {
  number: string
  /** Already stored: an order names its customer in its first event. */
  customer: Customer
  /** Its country is frozen on the order. */
  address: Address
  lines: NewLine[]
  now: Date
}

/** A cart, and what becomes of it. Its lines are loaded with it; methods that touch stock need their products too. */
export class Order {
  declare id: number
  declare number: string
  declare customer: Customer
  declare country: string
  declare status: OrderStatus
  declare shippingCents: number
  declare totalCents: number
  declare createdAt: Date
  declare confirmedAt: Date | null
  declare paidAt: Date | null
  declare shippedAt: Date | null
  declare deliveredAt: Date | null
  declare cancelledAt: Date | null
  declare lastUpdate: Date
  declare version: number
  declare lines: Collection<OrderLine>

  private constructor(input: NewOrder) {
    this.number = input.number
    this.customer = input.customer
    this.country = input.address.country
    this.status = 'cart'
    this.shippingCents = 0
    this.totalCents = 0
    this.createdAt = input.now
    this.confirmedAt = null
    this.paidAt = null
    this.shippedAt = null
    this.deliveredAt = null
    this.cancelledAt = null
    this.lastUpdate = input.now
    this.lines = new Collection<OrderLine>(this)
  }

  /** A new cart with its first lines. @throws ShopError AMOUNT_INVALID */
  static place(input: NewOrder): Order {
    const order = new Order(input)
    for (const line of input.lines) order.append(line, input.now)
    order.addUp()
    record(order, { type: 'OrderPlaced', values: { ...order.identity(), ...order.content(), ...order.moved('cart') } })
    return order
  }

  /** @throws ShopError ORDER_NOT_OPEN, AMOUNT_INVALID */
  addLine(line: NewLine, now: Date): OrderLine {
    this.checkOpen()
    const added = this.append(line, now)
    this.recordLines(now)
    return added
  }

  /** Sets the quantity of the line at `place`; 0 removes it. @throws ShopError ORDER_NOT_OPEN, LINE_NOT_FOUND, AMOUNT_INVALID */
  changeQuantity(place: number, quantity: number, now: Date): void {
    this.checkOpen()
    const line = this.lines.getItems().find((one) => one.place === place)
    if (!line) throw new ShopError('LINE_NOT_FOUND', `order ${this.number} has no line at place ${place}`)
    if (wholeAmount('a quantity', quantity, 0) === line.quantity) return
    if (quantity === 0) this.lines.remove(line)
    else line.quantity = quantity
    this.recordLines(now)
  }

  /** Takes the stock, adds the shipping and fixes the amounts. @throws ShopError ORDER_EMPTY, OUT_OF_STOCK, STATUS_INVALID */
  confirm(now: Date): void {
    checkMove(this.number, this.status, 'confirmed')
    if (this.lines.length === 0) throw new ShopError('ORDER_EMPTY', `order ${this.number} has no lines to confirm`)
    for (const line of this.lines) line.product.takeStock(line.quantity)
    this.shippingCents = shippingCents(this.goodsCents(), this.country)
    this.addUp()
    this.confirmedAt = this.touch(now)
    this.status = 'confirmed'
    const { shippingCents: shipping } = this
    record(this, {
      type: 'OrderConfirmed',
      values: { ...this.moved('confirmed'), ...this.sale(), shippingCents: shipping },
    })
  }

  /** @throws ShopError STATUS_INVALID, as do the next two */
  pay(now: Date): void {
    this.paidAt = this.move('paid', now)
    record(this, { type: 'OrderPaid', values: this.moved('paid') })
  }

  ship(now: Date): void {
    this.shippedAt = this.move('shipped', now)
    record(this, { type: 'OrderShipped', values: this.moved('shipped') })
  }

  deliver(now: Date): void {
    this.deliveredAt = this.move('delivered', now)
    record(this, { type: 'OrderDelivered', values: this.moved('delivered') })
  }

  /** Gives the stock back. @throws ShopError STATUS_INVALID */
  cancel(now: Date): void {
    this.cancelledAt = this.move('cancelled', now)
    for (const line of this.lines) line.product.putStock(line.quantity)
    record(this, { type: 'OrderCancelled', values: { ...this.moved('cancelled'), ...this.sale() } })
  }

  /** The order is about to be removed: only a cart or a cancelled one. @throws ShopError STATUS_INVALID */
  discard(): void {
    if (this.status !== 'cart' && this.status !== 'cancelled') {
      throw new ShopError(
        'STATUS_INVALID',
        `order ${this.number} is ${this.status} and cannot be deleted; cancel it first`,
      )
    }
    record(this, { type: 'OrderDeleted', values: {} })
  }

  private append(line: NewLine, now: Date): OrderLine {
    const last = this.lines[this.lines.length - 1]
    const added = new OrderLine(this, (last?.place ?? 0) + 1, line, now)
    this.lines.add(added)
    return added
  }

  private checkOpen(): void {
    if (this.status === 'cart') return
    throw new ShopError('ORDER_NOT_OPEN', `order ${this.number} is ${this.status}; only a cart changes its lines`)
  }

  private move(to: OrderStatus, now: Date): Date {
    checkMove(this.number, this.status, to)
    this.status = to
    return this.touch(now)
  }

  /** Later than the update before, so that every change of the order writes its row and with it raises its version. */
  private touch(now: Date): Date {
    this.lastUpdate = new Date(Math.max(now.getTime(), this.lastUpdate.getTime() + 1))
    return this.lastUpdate
  }

  private goodsCents(): number {
    return this.lines.getItems().reduce((sum, line) => sum + line.totalCents(), 0)
  }

  private addUp(): void {
    this.totalCents = this.goodsCents() + this.shippingCents
  }

  private recordLines(now: Date): void {
    this.addUp()
    const lastUpdate = this.touch(now).toISOString()
    record(this, { type: 'OrderLinesChanged', values: { ...this.content(), lastUpdate } })
  }

  private identity() {
    const createdAt = this.createdAt.toISOString()
    return { customerId: this.customer.id, number: this.number, country: this.country, createdAt }
  }

  private content() {
    return {
      totalCents: this.totalCents,
      itemCount: this.itemCount(),
      previewImageUrl: this.lines[0]?.imageUrl ?? null,
    }
  }

  private itemCount(): number {
    return this.lines.getItems().reduce((sum, line) => sum + line.quantity, 0)
  }

  /** The same when the order is cancelled as when it was confirmed: nothing of it changes in between. */
  private sale() {
    const { country, totalCents } = this
    const day = (this.confirmedAt as Date).toISOString().slice(0, 10)
    const productIds = [...new Set(this.lines.getItems().map((line) => line.product.id))].sort((a, b) => a - b)
    return { day, country, itemCount: this.itemCount(), totalCents, productIds }
  }

  private moved<Status extends OrderStatus>(status: Status) {
    return { status, statusLabel: statusLabel(status), lastUpdate: this.lastUpdate.toISOString() }
  }
}
