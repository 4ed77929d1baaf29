import { z } from 'zod'

const id = z.int().positive()
const cents = z.int().min(0)
const instant = z.iso.datetime()

// Each event carries the values that its order has after it, never a difference: whoever applies it needs no other row.
const order = { orderId: id, lastUpdate: instant }
const content = { totalCents: cents, itemCount: z.int().min(0), previewImageUrl: z.string().nullable() }
/** What a confirmed order is to the sales: confirming it adds this, cancelling it takes the same away. */
const sale = {
  /** The UTC date of the confirmation. */
  day: z.iso.date(),
  country: z.string(),
  itemCount: z.int().min(0),
  totalCents: cents,
  /** The products of its lines, each once. */
  productIds: z.array(id),
}
/** What people read of a product. */
const text = { name: z.string(), description: z.string().nullable(), category: z.string().nullable() }
const moved = <Status extends string>(status: Status) => ({
  ...order,
  status: z.literal(status),
  statusLabel: z.string(),
})

/** The facts that the shop tells, with the schemas of their payloads. Times are ISO 8601 in UTC, amounts whole cents. */
export const shopEvents = {
  CustomerRegistered: z.object({ customerId: id, email: z.string(), name: z.string(), registeredAt: instant }),
  ProductAdded: z.object({
    productId: id,
    sku: z.string(),
    ...text,
    priceCents: cents,
    stock: z.int().min(0),
    imageUrl: z.string().nullable(),
  }),
  ProductDescribed: z.object({ productId: id, ...text }),
  ProductImageChanged: z.object({ productId: id, imageUrl: z.string().nullable() }),
  ProductPriceChanged: z.object({ productId: id, priceCents: cents }),

  OrderPlaced: z.object({
    ...moved('cart'),
    ...content,
    customerId: id,
    number: z.string(),
    country: z.string(),
    createdAt: instant,
  }),
  OrderLinesChanged: z.object({ ...order, ...content }),
  OrderConfirmed: z.object({ ...moved('confirmed'), ...sale, shippingCents: cents }),
  OrderPaid: z.object(moved('paid')),
  OrderShipped: z.object(moved('shipped')),
  OrderDelivered: z.object(moved('delivered')),
  OrderCancelled: z.object({ ...moved('cancelled'), ...sale }),
  OrderDeleted: z.object({ orderId: id }),
}

export type ShopEvents = typeof shopEvents
