select
  orders.day,
  orders.product_id,
  count(*) as orders,
  sum(orders.quantity)::bigint as quantity
from public.orders
group by orders.day, orders.product_id
