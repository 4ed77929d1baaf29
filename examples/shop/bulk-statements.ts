// The statements of the bulk generator. Ids are reserved before: each range begins one after the id that is given.

export const beforeInserts = `
  set local work_mem = '128MB';
  set local maintenance_work_mem = '256MB';
  alter table public.orders drop constraint orders_customer_id_fkey;
  drop index public.orders_customer;
  alter table public.order_lines
    drop constraint order_lines_pkey,
    drop constraint order_lines_order_id_place_key,
    drop constraint order_lines_order_id_fkey,
    drop constraint order_lines_product_id_fkey;
  drop index public.order_lines_product`

export const afterInserts = `
  alter table public.orders
    add constraint orders_customer_id_fkey foreign key (customer_id) references public.customers (id);
  create index orders_customer on public.orders (customer_id, created_at desc);
  alter table public.order_lines
    add constraint order_lines_pkey primary key (id),
    add constraint order_lines_order_id_place_key unique (order_id, place),
    add constraint order_lines_order_id_fkey
      foreign key (order_id) references public.orders (id) on delete cascade,
    add constraint order_lines_product_id_fkey
      foreign key (product_id) references public.products (id);
  create index order_lines_product on public.order_lines (product_id)`

export const insertCustomers = `
  insert into public.customers (id, email, name, registered_at)
  select
    $1::bigint + n,
    'bulk-' || $1::bigint + n || '@shop.example',
    'Customer ' || $1::bigint + n,
    $3::timestamptz - interval '1 year'
  from generate_series(1, $2::bigint) as n`

const countries = `array['United Kingdom', 'United Kingdom', 'United Kingdom', 'Germany', 'France', 'Spain', 'Norway']`

export const insertAddresses = `
  insert into public.addresses (customer_id, street, city, postal_code, country)
  select
    $1::bigint + n,
    n || ' Market Street',
    'City ' || n % 100,
    lpad((n % 100000)::text, 5, '0'),
    (${countries})[1 + n % 7]
  from generate_series(1, $2::bigint) as n`

export const insertProducts = `
  insert into public.products (id, sku, name, description, category, price_cents, stock)
  select
    $1::bigint + n,
    'BULK-' || $1::bigint + n,
    'Product ' || $1::bigint + n,
    'One of the goods for the ' || category,
    category,
    100 + (hashint8extended(n, $3::bigint) & 16383)::integer,
    1000000
  from generate_series(1, $2::bigint) as n
  cross join lateral (select (array['Garden', 'Home', 'Kitchen', 'Lighting', 'Stationery'])[1 + n % 5]) as sorted (category)`

export const insertImages = `
  insert into public.product_images (product_id, position, url)
  select
    $1::bigint + n,
    position,
    'https://images.example/BULK-' || $1::bigint + n || '-' || position || '.jpg'
  from generate_series(1, $2::bigint) as n
  cross join generate_series(1, 2) as position`

/** A number from 0 up to 1 that depends on the order, its line and the seed alone (PostgreSQL's own hash). */
const chance = (of: string, seed: string) => `((hashint8extended(${of}, ${seed}) & 2147483647) / 2147483648.0::float8)`

/** Evenly over one year of $3 orders, ending early enough before $2 for the last to be delivered. */
const createdAt = `date_trunc('milliseconds', $2::timestamptz - interval '3 days' - interval '1 year' * (1 - n / $3::float8))`

export const insertLines = `
  insert into public.order_lines (order_id, place, product_id, quantity, unit_price_cents, image_url, added_at)
  select
    $1::bigint + n,
    place,
    product.id,
    1 + floor(4 * ${chance('8 * n + place', '$6::bigint + 1')})::integer,
    product.price_cents,
    image.url,
    ${createdAt}
  from generate_series(1, $3::bigint) as n
  cross join lateral generate_series(1, 1 + floor(5 * ${chance('n', '$6::bigint')})::integer) as place
  join public.products as product
    on product.id = $4::bigint + 1 + floor($5::bigint * ${chance('8 * n + place', '$6::bigint')} ^ 2)::bigint
  left join public.product_images as image on image.product_id = product.id and image.position = 1`

export const insertOrders = `
  with goods as materialized (
    select
      order_id - $1::bigint as n,
      sum(quantity * unit_price_cents::bigint)::bigint as cents
    from public.order_lines
    where order_id > $1::bigint and order_id <= $1::bigint + $3::bigint
    group by order_id
  ),
  drawn as (
    select
      n,
      cents,
      ${createdAt} as created_at,
      $4::bigint + 1 + floor($5::bigint * ${chance('n', '$6::bigint + 2')} ^ 2)::bigint as customer_id,
      (array['cart', 'confirmed', 'confirmed', 'paid', 'paid', 'shipped', 'shipped', 'delivered', 'delivered', 'cancelled'])
        [1 + floor(10 * ${chance('n', '$6::bigint + 3')})::integer] as status
    from goods
  ),
  priced as (
    select
      drawn.*,
      address.country,
      case
        when status = 'cart' then 0
        when address.country <> 'United Kingdom' then 1495
        when cents >= 5000 then 0
        else 495
      end as shipping_cents
    from drawn
    join public.addresses as address using (customer_id)
  ),
  dated as (
    select
      priced.*,
      case when status <> 'cart' then created_at + interval '1 hour' end as confirmed_at,
      case when status in ('paid', 'shipped', 'delivered') then created_at + interval '2 hours' end as paid_at,
      case when status in ('shipped', 'delivered') then created_at + interval '1 day' end as shipped_at,
      case when status = 'delivered' then created_at + interval '3 days' end as delivered_at,
      case when status = 'cancelled' then created_at + interval '5 hours' end as cancelled_at
    from priced
  )
  insert into public.orders (
    id, number, customer_id, country, status, shipping_cents, total_cents,
    created_at, confirmed_at, paid_at, shipped_at, delivered_at, cancelled_at, last_update
  )
  select
    $1::bigint + n,
    'BULK-' || lpad(($1::bigint + n)::text, 9, '0'),
    customer_id,
    country,
    status,
    shipping_cents,
    cents + shipping_cents,
    created_at,
    confirmed_at,
    paid_at,
    shipped_at,
    delivered_at,
    cancelled_at,
    greatest(created_at, confirmed_at, paid_at, shipped_at, delivered_at, cancelled_at)
  from dated
  order by n`
