import { defineConfig, fold, type Operation, patch, type RowOf, recompute, remove, set, type TrifoldOf } from 'trifold'
import { shopEvents } from './events.ts'

const config = defineConfig({
  root: import.meta.dirname,
  views: '../../views',
  workload: 'workload.ts',
  events: shopEvents,
  readModels: {
    order_summary: {
      key: ['order_id'],
      indexes: [
        ['customer_id', 'created_at desc'],
        ['status', 'created_at desc'],
      ],
      notNull: [
        'customer_id',
        'number',
        'created_at',
        'status',
        'status_label',
        'total_cents',
        'item_count',
        'last_update',
      ],
      targets: { table: {}, view: { every: '30s' }, search: { text: ['number'] } },
      version: 1,
      on: {
        OrderPlaced: (event) =>
          set({
            order_id: event.orderId,
            customer_id: event.customerId,
            number: event.number,
            created_at: event.createdAt,
            status: event.status,
            status_label: event.statusLabel,
            total_cents: event.totalCents,
            item_count: event.itemCount,
            preview_image_url: event.previewImageUrl,
            last_update: event.lastUpdate,
          }),
        OrderLinesChanged: (event) =>
          patch([event.orderId], {
            total_cents: event.totalCents,
            item_count: event.itemCount,
            preview_image_url: event.previewImageUrl,
            last_update: event.lastUpdate,
          }),
        OrderConfirmed: (event) => patch([event.orderId], { ...moved(event), total_cents: event.totalCents }),
        OrderPaid: (event) => patch([event.orderId], moved(event)),
        OrderShipped: (event) => patch([event.orderId], moved(event)),
        OrderDelivered: (event) => patch([event.orderId], moved(event)),
        OrderCancelled: (event) => patch([event.orderId], moved(event)),
        OrderDeleted: (event) => remove([event.orderId]),
      },
    },

    // Each order contributes to one row, and each event carries the contribution: nothing is read but the row before.
    daily_sales: {
      key: ['day', 'country'],
      indexes: [['country', 'day desc']],
      notNull: ['orders', 'items', 'revenue_cents'],
      targets: { table: {}, view: { every: '30s' }, search: {} },
      version: 1,
      on: {
        OrderConfirmed: (event) => counted(event, 1),
        OrderCancelled: (event) => counted(event, -1),
      },
    },

    // The row belongs to the product; what was sold of it belongs to the orders and is read again whenever one sells.
    product_search: {
      key: ['product_id'],
      indexes: [['category', 'units_sold desc']],
      notNull: ['name', 'price_cents', 'units_sold', 'revenue_cents', 'countries'],
      targets: { table: {}, view: { every: '1m' }, search: { text: ['name', 'description'] } },
      version: 1,
      on: {
        ProductAdded: (event) => recompute([[event.productId]]),
        ProductDescribed: ({ productId, name, description, category }) =>
          patch([productId], { name, description, category }),
        ProductPriceChanged: (event) => patch([event.productId], { price_cents: event.priceCents }),
        OrderConfirmed: (event) => recompute(event.productIds.map((id) => [id])),
        OrderCancelled: (event) => recompute(event.productIds.map((id) => [id])),
      },
    },
  },
})

export default config

/** The toolkit of the shop. */
export type ShopTrifold = TrifoldOf<typeof config>

function moved(event: { status: string; statusLabel: string; lastUpdate: string }) {
  return { status: event.status, status_label: event.statusLabel, last_update: event.lastUpdate }
}

/** Adds an order to the sales of its day and country (1), or takes it away (-1). The last one takes the row along. */
function counted(
  { day, country, itemCount, totalCents }: { day: string; country: string; itemCount: number; totalCents: number },
  direction: 1 | -1,
): Operation<RowOf<'daily_sales'>, [day: string, country: string]> {
  return fold([day, country], { day, country, orders: 0, items: 0, revenue_cents: 0 }, (row) => {
    const orders = row.orders + direction
    if (orders === 0) return null
    return {
      ...row,
      orders,
      items: row.items + direction * itemCount,
      revenue_cents: row.revenue_cents + direction * totalCents,
    }
  })
}
