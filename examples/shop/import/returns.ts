import type { RetailLine } from './retail-file.ts'

/** The earlier orders of every customer, to find the one that a return is about. */
export interface Sales {
  /** Notes the lines of an order. */
  sold(customer: string, order: string, lines: RetailLine[]): void
  /** The newest order of the customer that holds exactly these lines; it is found once. */
  takeWhole(customer: string, lines: RetailLine[]): string | undefined
  /** Whether the customer still holds so many pieces of the product; then they are taken. */
  takePart(customer: string, line: RetailLine): boolean
}

export function createSales(): Sales {
  const orders = new Map<string, string[]>()
  const pieces = new Map<string, number>()
  const book = (customer: string, sku: string, quantity: number) => {
    const key = `${customer} ${sku}`
    pieces.set(key, (pieces.get(key) ?? 0) + quantity)
  }
  return {
    sold(customer, order, lines) {
      const key = contentOf(customer, lines)
      orders.set(key, [...(orders.get(key) ?? []), order])
      for (const line of lines) book(customer, line.sku, line.quantity)
    },
    takeWhole(customer, lines) {
      const order = orders.get(contentOf(customer, lines))?.pop()
      if (order !== undefined) for (const line of lines) book(customer, line.sku, -Math.abs(line.quantity))
      return order
    },
    takePart(customer, line) {
      const quantity = Math.abs(line.quantity)
      if ((pieces.get(`${customer} ${line.sku}`) ?? 0) < quantity) return false
      book(customer, line.sku, -quantity)
      return true
    },
  }
}

/** Customer, products and pieces as one text, the same for an order and for the return of all of it. */
function contentOf(customer: string, lines: RetailLine[]): string {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + Math.abs(quantity))
  const content = [...quantities].map(([sku, quantity]) => `${sku}:${quantity}`).sort()
  return [customer, ...content].join(' ')
}
