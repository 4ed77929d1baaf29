import type { OrderStatus } from './order-status.ts'

/**
 * The read model as the shop's ORM sees it: one row an order behind the serving name `order_summary`, whichever target
 * stands there. Read-only; find it with `em.find(OrderSummary, ...)`.
 */
export class OrderSummary {
  declare orderId: number
  declare customerId: number
  declare number: string
  declare createdAt: Date
  declare status: OrderStatus
  declare statusLabel: string
  declare totalCents: number
  declare itemCount: number
  declare previewImageUrl: string | null
  declare lastUpdate: Date
}
