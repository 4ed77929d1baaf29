-- One row an order, carts included. Every column belongs to the order: the picture is the one that its first line froze
-- when it was added, so that a later change of the product leaves the row as it is.
select
  orders.id as order_id,
  orders.customer_id,
  orders.number,
  orders.created_at,
  orders.status,
  initcap(orders.status) as status_label,
  orders.total_cents,
  coalesce(sum(order_lines.quantity), 0)::bigint as item_count,
  (array_agg(order_lines.image_url order by order_lines.place))[1] as preview_image_url,
  orders.last_update
from public.orders
left join public.order_lines on order_lines.order_id = orders.id
group by orders.id
