select
  orders.id as order_id,
  orders.status,
  orders.quantity,
  orders.product_id,
  products.image,
  products.price
from public.orders
join public.products on products.id = orders.product_id
