import type pg from 'pg'

/** Events of an order. */
export const eventsPerOrder = 5

/** Orders that are open at once. */
const openOrders = 2_000

// An order begins at each unit of time; its later events follow at intervals that a hash draws, a fifth of its life long on
// average, so that in any stretch of the log `openOrders` orders take their steps in no regular order.
const insertEvents = `
  insert into trifold.outbox (appended_at, era, type, aggregate, payload)
  select
    now() + $2::float8 * interval '1 millisecond',
    1,
    (array['OrderPlaced', 'OrderConfirmed', 'OrderPaid', 'OrderShipped', 'OrderDelivered'])[step + 1],
    'order:' || n,
    case step
      when 0 then json_build_object(
        'orderId', n,
        'customerId', n % 5000 + 1,
        'number', 'SO-' || lpad(n::text, 8, '0'),
        'country', 'United Kingdom',
        'createdAt', moment,
        'status', 'cart',
        'statusLabel', 'Cart',
        'totalCents', n % 10000,
        'itemCount', n % 7 + 1,
        'previewImageUrl', 'https://images.example/products/' || n % 1000 || '/front.jpg',
        'lastUpdate', moment
      )
      when 1 then json_build_object(
        'orderId', n,
        'status', 'confirmed',
        'statusLabel', 'Confirmed',
        'shippingCents', 495,
        'totalCents', n % 10000 + 495,
        'lastUpdate', moment
      )
      else json_build_object(
        'orderId', n,
        'status', (array['paid', 'shipped', 'delivered'])[step - 1],
        'statusLabel', (array['Paid', 'Shipped', 'Delivered'])[step - 1],
        'lastUpdate', moment
      )
    end
  from generate_series(1, $1::bigint) as n
  cross join generate_series(0, ${eventsPerOrder - 1}) as step
  cross join lateral (
    select n + step * ${openOrders / eventsPerOrder} + (hashint8(n * 8 + step) & 65535) % ${openOrders / eventsPerOrder}
  ) as time (at)
  cross join lateral (
    select to_char('2026-01-01'::timestamp + at * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS".123Z"')
  ) as clock (moment)
  order by at, n, step`

/**
 * Appends a backlog of about `count` events in one transaction, and returns their exact number.
 *
 * @param later by how many milliseconds the time that they carry is later than the clock; default 0
 */
export async function appendBacklog(pool: pg.Pool, count: number, later = 0): Promise<number> {
  const { rowCount } = await pool.query(insertEvents, [Math.max(1, Math.round(count / eventsPerOrder)), later])
  return rowCount ?? 0
}
