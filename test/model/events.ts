import type { Rules } from './rules.ts'
import type { OrderRow, ReadModelName, Row } from './write-model.ts'

export type EventType = 'Placed' | 'Confirmed' | 'QuantityChanged' | 'Moved' | 'Deleted' | 'ImageChanged'

/** The columns of an order after the change, as far as the event tells them, and what changed. */
export type Payload = Partial<OrderRow> & { order?: string; image?: string; difference?: number }

export interface OutboxEvent {
  position: number
  xid: number
  type: EventType
  payload: Payload
}

export type Operation =
  | { kind: 'set'; key: string; row: Row }
  | { kind: 'patch'; key: string; columns: Row }
  | { kind: 'remove'; key: string }
  | { kind: 'fold'; key: string; next: (row: Row | null) => Row | null }
  | { kind: 'recompute'; key: string }
  | { kind: 'recomputeWhere'; product: string }

/** The handlers of a read model. */
export function operationsOf(model: ReadModelName, { type, payload }: OutboxEvent, rules: Rules): Operation[] {
  if (model === 'day_total') return folds(type, payload)
  const { order: key = '', status = 0, quantity = 0, product = '', image = '' } = payload
  switch (type) {
    case 'Placed':
      if (model === 'plain_order') return [{ kind: 'set', key, row: { status, quantity, product } }]
      if (rules.noForeignColumns) return [{ kind: 'recompute', key }]
      return [{ kind: 'set', key, row: { status, quantity, product, image } }]
    case 'Confirmed':
      return [{ kind: 'patch', key, columns: { status } }]
    case 'QuantityChanged':
      return [{ kind: 'patch', key, columns: { quantity } }]
    case 'Moved':
      return [model === 'plain_order' ? { kind: 'patch', key, columns: { product } } : { kind: 'recompute', key }]
    case 'Deleted':
      return [{ kind: 'remove', key }]
    case 'ImageChanged':
      return model === 'pictured_order' ? [{ kind: 'recomputeWhere', product }] : []
  }
}

function folds(type: EventType, { day = '', quantity = 0, difference = 0 }: Payload): Operation[] {
  if (type === 'Placed') return [counted(day, 1, quantity)]
  if (type === 'QuantityChanged') return [counted(day, 0, difference)]
  if (type === 'Deleted') return [counted(day, -1, -quantity)]
  return []
}

const counted = (day: string, orders: number, quantity: number): Operation => ({
  kind: 'fold',
  key: day,
  next: (row) => {
    const next = { orders: Number(row?.orders ?? 0) + orders, quantity: Number(row?.quantity ?? 0) + quantity }
    return next.orders === 0 ? null : next
  },
})
