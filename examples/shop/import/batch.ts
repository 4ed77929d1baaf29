import type { EntityManager } from '@mikro-orm/postgresql'
import { type Address, Customer, type NewAddress } from '../entities/customer.ts'
import { Order } from '../entities/order.ts'
import { Product } from '../entities/product.ts'
import { categoryOf } from './category.ts'
import { type ImportReport, isReturn, usableLines } from './report.ts'
import type { RetailInvoice, RetailLine } from './retail-file.ts'
import type { Sales } from './returns.ts'

/** What one import keeps from its first batch to its last. */
export interface ImportState {
  report: ImportReport
  sales: Sales
  /** The numbers of all invoices so far. */
  seen: Set<string>
}

/** An invoice with the lines that the shop can hold. */
interface Usable {
  invoice: RetailInvoice
  lines: RetailLine[]
}

interface Loaded {
  customers: Map<string, Customer>
  products: Map<string, Product>
  /** Orders of this batch and of earlier imports, by number. */
  orders: Map<string, Order>
  imported: Set<string>
}

/** Imports some invoices through the entities, in the unit of work of `em`. Returns the numbers of the new orders. */
export async function importBatch(em: EntityManager, invoices: RetailInvoice[], state: ImportState): Promise<string[]> {
  const usable = invoices.map((invoice) => ({ invoice, lines: usableLines(invoice, state.report) }))
  const loaded = await load(em, usable, state.report)
  const numbers: string[] = []
  for (const one of usable) {
    if (one.lines.length === 0) continue
    if (isReturn(one.invoice)) await takeBack(em, one, loaded, state)
    else if (sell(em, one, loaded, state)) numbers.push(one.invoice.number)
  }
  return numbers
}

async function load(em: EntityManager, usable: Usable[], report: ImportReport): Promise<Loaded> {
  const sales = usable.filter(({ invoice, lines }) => !isReturn(invoice) && lines.length > 0)
  const emails = sales.map(({ invoice }) => emailOf(invoice))
  const skus = [...new Set(sales.flatMap(({ lines }) => lines.map((line) => line.sku)))]
  const customers = await em.find(Customer, { email: { $in: emails } }, { populate: ['addresses'] })
  const products = await em.find(Product, { sku: { $in: skus } }, { populate: ['images'] })
  const numbers = sales.map(({ invoice }) => invoice.number)
  const orders = await em.find(Order, { number: { $in: numbers } }, { fields: ['number'], disableIdentityMap: true })
  const loaded: Loaded = {
    customers: new Map(customers.map((customer) => [customer.email, customer])),
    products: new Map(products.map((product) => [product.sku, product])),
    orders: new Map(),
    imported: new Set(orders.map((order) => order.number)),
  }
  for (const one of sales) addMissing(em, one, loaded, report)
  // An order names its customer in its first event, so new customers get their ids before it.
  await em.flush()
  return loaded
}

function addMissing(em: EntityManager, { invoice, lines }: Usable, loaded: Loaded, report: ImportReport): void {
  if (!loaded.customers.has(emailOf(invoice))) {
    const name = invoice.customer === null ? `Guest (${invoice.country})` : `Customer ${invoice.customer}`
    const customer = Customer.register({
      email: emailOf(invoice),
      name,
      address: addressIn(invoice.country),
      now: invoice.at,
    })
    em.persist(customer)
    loaded.customers.set(customer.email, customer)
    report.customersRegistered += 1
  }
  for (const { sku, description, unitPriceCents } of lines) {
    if (loaded.products.has(sku)) continue
    const imageUrls = [`https://images.example/${sku}.jpg`]
    const category = categoryOf(description)
    const product = Product.add({ sku, name: description, category, priceCents: unitPriceCents, stock: 0, imageUrls })
    em.persist(product)
    loaded.products.set(sku, product)
    report.productsAdded += 1
  }
}

function sell(
  em: EntityManager,
  { invoice, lines }: Usable,
  loaded: Loaded,
  { report, sales, seen }: ImportState,
): boolean {
  const repeated = seen.has(invoice.number)
  seen.add(invoice.number)
  if (repeated) {
    report.linesSkipped.invoice_repeated += lines.length
    return false
  }
  if (invoice.customer !== null) sales.sold(invoice.customer, invoice.number, lines)
  if (loaded.imported.has(invoice.number)) {
    report.linesSkipped.already_imported += lines.length
    return false
  }
  em.persist(paidOrder(invoice, lines, loaded))
  report.linesImported += lines.length
  report.ordersImported += 1
  return true
}

function paidOrder(invoice: RetailInvoice, lines: RetailLine[], loaded: Loaded): Order {
  const customer = loaded.customers.get(emailOf(invoice)) as Customer
  const newLines = lines.map(({ sku, quantity, unitPriceCents }) => {
    const product = loaded.products.get(sku) as Product
    product.putStock(quantity)
    return { product, quantity, unitPriceCents }
  })
  const address = addressOf(customer, invoice.country)
  const order = Order.place({ number: invoice.number, customer, address, lines: newLines, now: invoice.at })
  order.confirm(invoice.at)
  order.pay(invoice.at)
  loaded.orders.set(order.number, order)
  return order
}

async function takeBack(
  em: EntityManager,
  { invoice, lines }: Usable,
  loaded: Loaded,
  state: ImportState,
): Promise<void> {
  const { report, sales } = state
  const { customer } = invoice
  if (customer === null) {
    report.linesSkipped.return_without_customer += lines.length
    return
  }
  const number = sales.takeWhole(customer, lines)
  if (number !== undefined) {
    await cancel(await orderOf(em, number, loaded), invoice.at, lines.length, report)
    return
  }
  for (const line of lines) {
    if (sales.takePart(customer, line)) report.linesReturned.partOfOrder += 1
    else report.linesSkipped.return_without_order += 1
  }
}

async function orderOf(em: EntityManager, number: string, loaded: Loaded): Promise<Order> {
  return loaded.orders.get(number) ?? em.findOneOrFail(Order, { number }, { populate: ['lines.product'] })
}

function cancel(order: Order, at: Date, lines: number, report: ImportReport): void {
  if (order.status === 'cancelled') report.linesSkipped.already_imported += lines
  else if (order.status !== 'paid') report.linesSkipped.return_of_shipped_order += lines
  else {
    order.cancel(at)
    report.linesReturned.wholeOrder += lines
    report.ordersCancelled += 1
  }
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z]+/g, '-')

/** Who did not say who they are is a guest, one for each country. */
const emailOf = ({ customer, country }: RetailInvoice): string =>
  customer === null ? `guest-${slug(country)}@retail.example` : `customer-${customer}@retail.example`

const addressIn = (country: string): NewAddress => ({ street: '', city: '', postalCode: '', country })

const addressOf = (customer: Customer, country: string): Address =>
  customer.addresses.getItems().find((address) => address.country === country) ??
  customer.addAddress(addressIn(country))
