import { BigIntType, EntitySchema } from '@mikro-orm/core'
import { Address, Customer } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import { OrderLine } from './entities/order-line.ts'
import { orderStatuses } from './entities/order-status.ts'
import { OrderSummary } from './entities/order-summary.ts'
import { Product, ProductImage } from './entities/product.ts'

// The classes know nothing of tables; this file is the only one that does.

const bigint = new BigIntType('number')
const id = { type: bigint, primary: true, autoincrement: true, generated: 'by default as identity' } as const
const text = { type: 'text' } as const
const textOrNull = { ...text, nullable: true } as const
const integer = { type: 'integer' } as const
const time = { type: 'datetime', columnType: 'timestamptz' } as const
const timeOrNull = { ...time, nullable: true } as const
/** A foreign key as PostgreSQL names it where the migration does not. */
const foreignKey = (foreignKeyName: string, deleteRule: 'cascade' | 'no action') =>
  ({ kind: 'm:1', foreignKeyName, deleteRule, updateRule: 'no action' }) as const
const check = (name: string, expression: string) => ({ name, expression })
const version = { type: 'integer', version: true, default: 1 } as const

// As PostgreSQL writes it back: the comparison of the schema is one of texts.
const orderLife = `
  (confirmed_at is null) = (status = 'cart')
  and (paid_at is not null or status <> all (array['paid', 'shipped', 'delivered']))
  and (shipped_at is not null) = (status = any (array['shipped', 'delivered']))
  and (delivered_at is not null) = (status = 'delivered')
  and (cancelled_at is not null) = (status = 'cancelled')`

const customer = new EntitySchema<Customer>({
  class: Customer,
  tableName: 'customers',
  checks: [check('customers_email_check', "email ~~ '%_@_%'"), check('customers_name_check', "name <> ''")],
  properties: {
    id,
    email: { ...text, unique: 'customers_email_key' },
    name: text,
    registeredAt: time,
    addresses: { kind: '1:m', entity: () => Address, mappedBy: 'customer', orderBy: { id: 'asc' } },
  },
})

const address = new EntitySchema<Address>({
  class: Address,
  tableName: 'addresses',
  checks: [check('addresses_country_check', "country <> ''")],
  properties: {
    id,
    customer: {
      ...foreignKey('addresses_customer_id_fkey', 'cascade'),
      entity: () => Customer,
      index: 'addresses_customer',
    },
    street: text,
    city: text,
    postalCode: text,
    country: text,
  },
})

const product = new EntitySchema<Product>({
  class: Product,
  tableName: 'products',
  checks: [
    check('products_sku_check', "sku <> ''"),
    check('products_name_check', "name <> ''"),
    check('products_price_cents_check', 'price_cents > 0'),
    check('products_stock_check', 'stock >= 0'),
  ],
  properties: {
    id,
    sku: { ...text, unique: 'products_sku_key' },
    name: text,
    description: textOrNull,
    category: textOrNull,
    priceCents: integer,
    stock: integer,
    version,
    images: { kind: '1:m', entity: () => ProductImage, mappedBy: 'product', orderBy: { position: 'asc' } },
  },
})

const productImage = new EntitySchema<ProductImage>({
  class: ProductImage,
  tableName: 'product_images',
  checks: [check('product_images_position_check', 'position > 0'), check('product_images_url_check', "url <> ''")],
  uniques: [{ name: 'product_images_product_id_position_key', properties: ['product', 'position'] }],
  properties: {
    id,
    product: { ...foreignKey('product_images_product_id_fkey', 'cascade'), entity: () => Product },
    position: integer,
    url: text,
  },
})

const order = new EntitySchema<Order>({
  class: Order,
  tableName: 'orders',
  checks: [
    check('orders_number_check', "number <> ''"),
    check('orders_country_check', "country <> ''"),
    check('orders_shipping_cents_check', 'shipping_cents >= 0'),
    check('orders_total_cents_check', 'total_cents >= shipping_cents'),
    check('orders_life', orderLife),
  ],
  indexes: [
    { name: 'orders_customer', expression: 'create index orders_customer on orders (customer_id, created_at desc)' },
  ],
  properties: {
    id,
    number: { ...text, unique: 'orders_number_key' },
    customer: { ...foreignKey('orders_customer_id_fkey', 'no action'), entity: () => Customer },
    country: text,
    status: { enum: true, items: [...orderStatuses], type: 'string' },
    shippingCents: integer,
    totalCents: { type: bigint },
    createdAt: time,
    confirmedAt: timeOrNull,
    paidAt: timeOrNull,
    shippedAt: timeOrNull,
    deliveredAt: timeOrNull,
    cancelledAt: timeOrNull,
    lastUpdate: time,
    version,
    lines: {
      kind: '1:m',
      entity: () => OrderLine,
      mappedBy: 'order',
      orderBy: { place: 'asc' },
      orphanRemoval: true,
    },
  },
})

const orderLine = new EntitySchema<OrderLine>({
  class: OrderLine,
  tableName: 'order_lines',
  checks: [
    check('order_lines_place_check', 'place > 0'),
    check('order_lines_quantity_check', 'quantity > 0'),
    check('order_lines_unit_price_cents_check', 'unit_price_cents > 0'),
  ],
  uniques: [{ name: 'order_lines_order_id_place_key', properties: ['order', 'place'] }],
  properties: {
    id,
    order: { ...foreignKey('order_lines_order_id_fkey', 'cascade'), entity: () => Order },
    place: integer,
    product: {
      ...foreignKey('order_lines_product_id_fkey', 'no action'),
      entity: () => Product,
      index: 'order_lines_product',
    },
    quantity: integer,
    unitPriceCents: integer,
    imageUrl: {
      ...textOrNull,
      comment: 'The first image of the product when the line was added; never changed afterwards.',
    },
    addedAt: time,
  },
})

// A query and not a table: the ORM reads it, never writes it, and leaves it out of its comparison of the schema.
const orderSummary = new EntitySchema<OrderSummary>({
  class: OrderSummary,
  expression: 'select * from public.order_summary',
  properties: {
    orderId: { type: bigint },
    customerId: { type: bigint },
    number: text,
    createdAt: time,
    status: text,
    statusLabel: text,
    totalCents: { type: bigint },
    itemCount: { type: bigint },
    previewImageUrl: textOrNull,
    lastUpdate: time,
  },
})

export const shopEntities = [customer, address, product, productImage, order, orderLine, orderSummary]
