select id, customer, total
from public.orders
