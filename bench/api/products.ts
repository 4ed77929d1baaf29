import type pg from 'pg'
import { z } from 'zod'
import { type ResolvedConfig, resolveConfig } from '../../src/config.ts'
import { migrate } from '../../src/migrate.ts'
import { recompute } from '../../src/read-model.ts'

const table = `
  create table public.bench_products (
    product_id bigint primary key,
    name text not null,
    brand text not null,
    category text not null,
    price_cents bigint not null
  )`

/** Names of three of 64 words and a number, so that what is typed finds many at first and few in the end. */
const insert = `
  insert into public.bench_products
  select
    n,
    initcap(words.adjectives[1 + n % 16] || ' ' || words.materials[1 + n / 16 % 16] || ' ' || words.things[1 + n / 256 % 32])
      || ' ' || n / 8192,
    'Brand ' || n * 7919 % 60,
    'Category ' || n / 256 % 32 % 24,
    n * 6151 % 20000 + 99
  from
    generate_series(1, $1::bigint) as n,
    (
      select
        string_to_array('red,blue,green,white,black,small,large,round,square,tall,narrow,wide,heavy,light,folding,garden', ',')
          as adjectives,
        string_to_array('oak,pine,beech,steel,copper,glass,marble,cotton,linen,wool,leather,paper,rubber,bamboo,brass,wicker', ',')
          as materials,
        string_to_array(
          'chair,table,lamp,shelf,basket,mirror,bench,stool,cabinet,drawer,cushion,blanket,curtain,carpet,vase,bowl,plate,'
            || 'kettle,bottle,candle,frame,clock,hook,ladder,desk,wardrobe,mattress,pillow,towel,bucket,brush,tray',
          ','
        ) as things
    ) as words`

/** What people type, a letter at a time; the last has a typo. */
export const typed = [
  'red oak chair',
  'garden bench',
  'copper kettle 12',
  'large wicker basket',
  'fodling lether stool',
]

/** The toolkit's schema and `count` products. */
export async function createProducts(pool: pg.Pool, database: string, count: number): Promise<void> {
  await migrate(database)
  await pool.query(table)
  await pool.query(insert, [count])
}

/** Their read model, in an index. */
export function productConfig(database: string, search: string): ResolvedConfig {
  const product_card = {
    key: ['product_id'],
    notNull: ['name', 'brand', 'category', 'price_cents'],
    targets: { search: { text: ['name', 'brand'] } },
    on: { ProductAdded: ({ productId }: { productId: number }) => recompute([[productId]]) },
  }
  const config = {
    database,
    search,
    indexPrefix: 'bench-api-',
    views: 'bench/views',
    events: { ProductAdded: z.object({ productId: z.int() }) },
    readModels: { product_card },
  }
  return resolveConfig(config as never, process.cwd())
}
