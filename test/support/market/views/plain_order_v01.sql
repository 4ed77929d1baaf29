select
  orders.id as order_id,
  orders.status,
  orders.quantity,
  orders.product_id,
  orders.day,
  orders.note,
  orders.labels,
  orders.extra,
  orders.changed_at
from public.orders
