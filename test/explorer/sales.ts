import type pg from 'pg'

export const createSales = `
  create table public.sales (
    invoice text not null,
    line integer not null,
    sold_at timestamptz not null,
    country text not null,
    category text,
    title text not null,
    tags text[],
    quantity integer,
    price numeric(10, 2),
    total numeric(12, 2),
    gift boolean,
    note text,
    shipped_on date
  )`

/** Text that would do harm in a page that does not escape it. */
export const hostile = '<img src=x onerror="document.title=1">\'"&amp;</script><b>'

const countries = [
  'United Kingdom',
  'Germany',
  'France',
  'Österreich',
  'España',
  'Portugal',
  'Japan',
  'Norway',
  'Chile',
  'Ghana',
  'Peru',
  hostile,
]
const goods = [
  ['Paper star lantern', 'Lights', '{star,paper}', 7.95],
  ['Red glass heart', 'Decoration', '{heart,glass}', 3.25],
  ['Wooden clock, 30 cm', 'Clocks', '{wood}', 24.9],
  ['Café bowl “Élan”', 'Kitchen', '{blue,ceramic}', 8.5],
  ['Heart and star garland', 'Decoration', '{heart,star}', 12],
  ['Storm lantern', 'Lights', '{glass}', 31.4],
  ['Wi-Fi doorbell X-200', null, null, 79.99],
  [`Sign ${hostile}`, 'Signs', '{}', 5],
] as const

/** Some hundred sales, always the same. */
export async function insertSales(pool: pg.Pool, count = 600): Promise<void> {
  const rows = Array.from({ length: count }, (_, place) => saleOf(place))
  await pool.query(
    `insert into public.sales
    select invoice, line, sold_at, country, category, title, tags::text[], quantity, price, quantity * price, gift, note, shipped_on
    from jsonb_to_recordset($1) as sale (
      invoice text, line integer, sold_at timestamptz, country text, category text, title text, tags text, quantity integer,
      price numeric, gift boolean, note text, shipped_on date
    )`,
    [JSON.stringify(rows)],
  )
}

function saleOf(place: number): object {
  const [title, category, tags, price] = goods[(place * 7 + (place % 3)) % goods.length] as (typeof goods)[number]
  const share = ((place * 7919) % 600) / 600
  const at = Date.UTC(2025, 2, 1, 8) + Math.round(340 * (share + 0.09 * Math.sin(14 * share)) * 24) * 3_600_000
  return {
    invoice: `INV-${String(1000 + Math.floor(place / 3))}`,
    line: (place % 3) + 1,
    sold_at: new Date(at).toISOString(),
    country: countries[Math.floor(((place * place) % 144) / 12)],
    category,
    title,
    tags,
    quantity: 1 + ((place * 5) % 9),
    price,
    gift: place % 5 === 0 ? null : place % 2 === 0,
    note: place % 11 === 0 ? 'Deliver to the neighbour' : null,
    shipped_on: place % 7 === 0 ? null : new Date(at + 172_800_000).toISOString().slice(0, 10),
  }
}
