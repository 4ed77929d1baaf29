-- One row a product, sold or not. Name, description, category and price belong to the product; what was sold of it, at the
-- prices of the order lines and without shipping, belongs to the orders that were confirmed and not cancelled.
select
  products.id as product_id,
  products.name,
  products.description,
  products.category,
  products.price_cents,
  coalesce(sum(order_lines.quantity), 0)::bigint as units_sold,
  coalesce(sum(order_lines.quantity * order_lines.unit_price_cents::bigint), 0)::bigint as revenue_cents,
  array_remove(
    array_agg(distinct orders.country collate "C" order by orders.country collate "C"),
    null
  ) as countries
from public.products
left join (
  public.order_lines
  join public.orders
    on orders.id = order_lines.order_id
    and orders.status not in ('cart', 'cancelled')
) on order_lines.product_id = products.id
group by products.id
