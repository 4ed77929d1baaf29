-- One row for each day and country with sales: orders that were confirmed and not cancelled, counted on the UTC day of
-- their confirmation. Day and country are frozen on the order; the revenue includes the shipping.
select
  (orders.confirmed_at at time zone 'UTC')::date as day,
  orders.country,
  count(*) as orders,
  coalesce(sum(goods.items), 0)::bigint as items,
  sum(orders.total_cents)::bigint as revenue_cents
from public.orders
left join (
  select
    order_lines.order_id,
    sum(order_lines.quantity) as items
  from public.order_lines
  group by order_lines.order_id
) as goods on goods.order_id = orders.id
where orders.status not in ('cart', 'cancelled')
group by
  (orders.confirmed_at at time zone 'UTC')::date,
  orders.country
