import { fileURLToPath } from 'node:url'
import { defineConfig, patch, remove, set } from 'trifold'
import { shopEvents } from './events.ts'

export default defineConfig({
  // Absolute, so that a configuration elsewhere can pass this one on.
  views: fileURLToPath(new URL('../../views', import.meta.url)),
  types: fileURLToPath(new URL('./trifold.types.ts', import.meta.url)),
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
  },
})

function moved(event: { status: string; statusLabel: string; lastUpdate: string }) {
  return { status: event.status, status_label: event.statusLabel, last_update: event.lastUpdate }
}
