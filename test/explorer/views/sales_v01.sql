select
  invoice,
  line,
  sold_at,
  country,
  category,
  title,
  tags,
  quantity,
  price,
  total,
  gift,
  note,
  shipped_on
from public.sales
