import type { Row } from '../../../src/encoding.ts'
import { fold, type Operation, type ReadModel } from '../../../src/read-model.ts'
import { dayTotal, type MarketEvents, picturedOrder, plainOrder } from '../market.ts'

type Model = ReadModel<Row, MarketEvents>

const refuse = (): never => {
  throw new Error('not this one')
}

const orderOf = ({ payload }: { payload: unknown }) => [[(payload as { orderId: number }).orderId]]

/**
 * The market's read models with handlers that refuse a few events, in three ways: before they name a key, which `keysOf`
 * does; in the function of a fold; by a value that the column cannot hold.
 */
export const failingModels: Record<string, Model> = {
  plain_order: {
    ...plainOrder,
    on: {
      ...plainOrder.on,
      OrderAdvanced: (event) => (event.status % 13 === 0 ? refuse() : plainOrder.on?.OrderAdvanced?.(event)),
    },
    keysOf: orderOf,
  },
  day_total: {
    ...dayTotal,
    on: {
      ...dayTotal.on,
      QuantityChanged: (event) =>
        event.quantity === 7 && event.difference > 0
          ? fold(
              [event.day, event.productId],
              { day: event.day, product_id: event.productId, orders: 0, quantity: 0 },
              refuse,
            )
          : dayTotal.on?.QuantityChanged?.(event),
    },
  },
  pictured_order: {
    ...picturedOrder,
    on: {
      ...picturedOrder.on,
      QuantityChanged: (event): Operation =>
        event.quantity === 7 && event.difference > 0
          ? { kind: 'patch', key: [event.orderId], columns: { quantity: 'seven' } }
          : { kind: 'patch', key: [event.orderId], columns: { quantity: event.quantity } },
    },
  },
}
