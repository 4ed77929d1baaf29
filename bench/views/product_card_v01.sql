-- The read model of the keystroke benchmark: what a shop's search page shows.
select
  product_id,
  name,
  brand,
  category,
  price_cents
from public.bench_products
