import type { Row } from '../../src/encoding.ts'
import { fold, type ReadModel, set } from '../../src/read-model.ts'
import { dayTotal, type MarketEvents, picturedOrder, plainOrder } from '../support/market.ts'

type Model = ReadModel<Row, MarketEvents>
type On = NonNullable<Model['on']>

/** A read model with a mistake in its handlers. */
export interface Mutant {
  definition: 'plain_order' | 'day_total' | 'pictured_order'
  on: On
}

const { OrderPlaced: placed, ...plainRest } = plainOrder.on as Required<On>
const { OrderPlaced: counted, OrderMoved: movedBetween, ...totalRest } = dayTotal.on as Required<On>
const { ImageChanged: imageChanged, OrderMoved: movedPicture, ...picturedRest } = picturedOrder.on as Required<On>
const { OrderDeleted: _, ...withoutDelete } = plainOrder.on as Required<On>

const remembered = new Set<string>()

/** Wrong designs that the kit must catch, by what is wrong. */
export const mutants: Record<string, Mutant> = {
  forgets_a_column: {
    definition: 'plain_order',
    on: {
      ...plainRest,
      OrderPlaced: (event) => {
        const placing = placed(event) as { row: Row }
        const { note, ...rest } = placing.row
        return set(rest)
      },
    },
  },
  forgets_the_status: {
    definition: 'plain_order',
    on: {
      ...plainRest,
      OrderPlaced: placed,
      OrderAdvanced: (event) => ({ kind: 'patch', key: [event.orderId], columns: { changed_at: event.changedAt } }),
    },
  },
  forgets_to_remove: { definition: 'plain_order', on: withoutDelete },
  counts_twice: {
    definition: 'day_total',
    on: { ...totalRest, OrderMoved: movedBetween, OrderPlaced: (event) => [counted(event), counted(event)] as never },
  },
  forgets_where_it_was: {
    definition: 'day_total',
    on: {
      ...totalRest,
      OrderPlaced: counted,
      OrderMoved: (event) => (movedBetween(event) as never[]).slice(1),
    },
  },
  keeps_empty_days: {
    definition: 'day_total',
    on: {
      ...totalRest,
      OrderPlaced: counted,
      OrderMoved: movedBetween,
      OrderDeleted: ({ day, productId, quantity }) =>
        fold([day, productId], { day, product_id: productId, orders: 0, quantity: 0 }, (row) => ({
          ...row,
          orders: Number(row.orders) - 1,
          quantity: Number(row.quantity) - quantity,
        })),
    },
  },
  // Right only where events come once each: what a consumer had read when it died comes again.
  ignores_what_it_knows: {
    definition: 'plain_order',
    on: {
      ...plainRest,
      OrderPlaced: placed,
      OrderAdvanced: (event) => {
        if (remembered.has(event.changedAt)) return undefined
        remembered.add(event.changedAt)
        return { kind: 'patch', key: [event.orderId], columns: { status: event.status, changed_at: event.changedAt } }
      },
    },
  },
  forgets_the_picture_of_a_moved_order: {
    definition: 'pictured_order',
    on: {
      ...picturedRest,
      ImageChanged: imageChanged,
      OrderMoved: (event) => ({ kind: 'patch', key: [event.orderId], columns: { product_id: event.productId } }),
    },
  },
  forgets_that_pictures_change: { definition: 'pictured_order', on: { ...picturedRest, OrderMoved: movedPicture } },
  // The image belongs to the product: it may change and commit between the placing and its commit.
  takes_the_picture_from_the_order: {
    definition: 'pictured_order',
    on: {
      ...picturedRest,
      ImageChanged: imageChanged,
      OrderMoved: movedPicture,
      OrderPlaced: ({ orderId, status, quantity, productId, image, price }) =>
        set({ order_id: orderId, status, quantity, product_id: productId, image, price }),
    },
  },
}

const right = { plain_order: plainOrder, day_total: dayTotal, pictured_order: picturedOrder }

/** The read models of the mutants, each under its own name. */
export const mutantModels: Record<string, Model> = Object.fromEntries(
  Object.entries(mutants).map(([name, { definition, on }]) => [name, { ...right[definition], on }]),
)
