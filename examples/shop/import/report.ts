import type { RetailInvoice, RetailLine } from './retail-file.ts'

/** Why a line was not imported. */
export const skipReasons = {
  accounting_entry: 'the invoice is an entry of the accountants (its number begins with A)',
  not_a_product: 'the stock code is no product: postage, fees, discounts, samples, vouchers',
  description_blank: 'the line has no description',
  price_below_a_cent: 'the price is zero, negative or rounds to nothing',
  quantity_of_a_return: 'the quantity is not positive although the invoice is no return',
  return_without_customer: 'the return names no customer, so no order can be found for it',
  return_without_order: 'no earlier order of the customer holds as many pieces of the product',
  return_of_shipped_order: 'the order that the return cancels was shipped by an earlier import',
  invoice_repeated: 'the number of the invoice stood earlier in the file',
  already_imported: 'an earlier import brought the invoice',
} as const

export type SkipReason = keyof typeof skipReasons

/** What became of every line: `linesRead` is the sum of `linesImported`, `linesReturned` and `linesSkipped`. */
export interface ImportReport {
  linesRead: number
  linesImported: number
  /** Lines of returns that match an earlier order: as a whole (the order was cancelled), or in part (counted only). */
  linesReturned: { wholeOrder: number; partOfOrder: number }
  linesSkipped: Record<SkipReason, number>
  invoicesRead: number
  returnsRead: number
  ordersImported: number
  ordersCancelled: number
  ordersShipped: number
  ordersDelivered: number
  customersRegistered: number
  productsAdded: number
  seconds: number
}

export function emptyReport(): ImportReport {
  const none = Object.fromEntries(Object.keys(skipReasons).map((reason) => [reason, 0]))
  return {
    linesRead: 0,
    linesImported: 0,
    linesReturned: { wholeOrder: 0, partOfOrder: 0 },
    linesSkipped: none as Record<SkipReason, number>,
    invoicesRead: 0,
    returnsRead: 0,
    ordersImported: 0,
    ordersCancelled: 0,
    ordersShipped: 0,
    ordersDelivered: 0,
    customersRegistered: 0,
    productsAdded: 0,
    seconds: 0,
  }
}

export const isReturn = (invoice: RetailInvoice): boolean => invoice.number.startsWith('C')

/** The lines of an invoice that the shop can hold; the others are counted in the report. */
export function usableLines(invoice: RetailInvoice, report: ImportReport): RetailLine[] {
  return invoice.lines.filter((line) => {
    const reason = faultOf(invoice, line)
    if (reason) report.linesSkipped[reason] += 1
    return reason === undefined
  })
}

// Five digits, perhaps with letters for the variant, or the codes of the shop's own boxed goods.
const productCode = /^(\d{5}[A-Z]*|DCGS\w*)$/

function faultOf(invoice: RetailInvoice, line: RetailLine): SkipReason | undefined {
  if (invoice.number.startsWith('A')) return 'accounting_entry'
  if (!productCode.test(line.sku)) return 'not_a_product'
  if (line.description === '') return 'description_blank'
  if (line.unitPriceCents < 1) return 'price_below_a_cent'
  if (!isReturn(invoice) && line.quantity < 1) return 'quantity_of_a_return'
  return undefined
}
