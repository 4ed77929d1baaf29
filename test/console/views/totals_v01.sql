select customer, sum(total) as total
from public.orders
group by customer
