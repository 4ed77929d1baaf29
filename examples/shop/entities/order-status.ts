import { ShopError } from '../errors.ts'

export const orderStatuses = ['cart', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled'] as const

export type OrderStatus = (typeof orderStatuses)[number]

// Never backwards. A cart is thrown away rather than cancelled; what has left the house comes back as a return.
const following: Record<OrderStatus, readonly OrderStatus[]> = {
  cart: ['confirmed'],
  confirmed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
}

/** @throws ShopError STATUS_INVALID where an order in status `from` may not move to `to` */
export function checkMove(number: string, from: OrderStatus, to: OrderStatus): void {
  if (following[from].includes(to)) return
  const allowed = following[from].join(' or ') || 'nothing else'
  throw new ShopError('STATUS_INVALID', `order ${number} is ${from} and cannot become ${to}, only ${allowed}`)
}

/** How people read a status: its first letter is a capital. */
export const statusLabel = (status: OrderStatus): string => status.charAt(0).toUpperCase() + status.slice(1)
