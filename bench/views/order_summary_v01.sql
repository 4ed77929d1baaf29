-- The read model of the benchmarks, as wide as the shop's: ten columns of one table.
select
  order_id,
  customer_id,
  number,
  created_at,
  status,
  status_label,
  total_cents,
  item_count,
  preview_image_url,
  last_update
from public.bench_orders
