import { Order } from './entities/order.ts'
import { ShopError } from './errors.ts'
import { type ImportState, importBatch } from './import/batch.ts'
import { emptyReport, type ImportReport, isReturn } from './import/report.ts'
import { type RetailInvoice, readInvoices } from './import/retail-file.ts'
import { createSales } from './import/returns.ts'
import type { ShopOrm } from './orm.ts'
import { unitOfWork } from './unit-of-work.ts'

export { type ImportReport, type SkipReason, skipReasons } from './import/report.ts'

export interface ImportOptions {
  orm: ShopOrm
  /** The data set; default: the environment's TRIFOLD_RETAIL_CSV. */
  file?: string
  /** Stop after so many invoices, returns included. Default: all. */
  limitInvoices?: number
  /** Called after each unit of work. `share` of the file is from 0 to 1. */
  onProgress?: (progress: { share: number; invoices: number; lines: number }) => void
  signal?: AbortSignal
}

const day = 24 * 60 * 60 * 1000

/**
 * Imports the "Online Retail" data set through the write model: customers, products, and every invoice as an order that
 * is placed, confirmed and paid at its date, with the stock that it needs booked before. An invoice of a return that holds
 * a whole earlier order cancels it; other returns are counted. In the end orders that are a week older than the last
 * invoice are shipped and delivered, those that are three days older shipped. Invoices that are there are left alone, so
 * an import that was interrupted is run again.
 *
 * @returns what became of every line
 * @throws ShopError FILE_NOT_FOUND; the signal's reason
 */
export async function importRetail(options: ImportOptions): Promise<ImportReport> {
  const started = performance.now()
  const file = options.file ?? process.env.TRIFOLD_RETAIL_CSV
  if (!file) throw new ShopError('FILE_NOT_FOUND', 'no file is named; set `file` or TRIFOLD_RETAIL_CSV')
  const state: ImportState = { report: emptyReport(), sales: createSales(), seen: new Set() }
  const { numbers, last } = await importInvoices(file, options, state)
  for (let start = 0; start < numbers.length; start += 200) {
    options.signal?.throwIfAborted()
    await send(options.orm, numbers.slice(start, start + 200), last, state.report)
  }
  state.report.seconds = (performance.now() - started) / 1000
  return state.report
}

async function importInvoices(file: string, options: ImportOptions, state: ImportState) {
  const { report } = state
  const numbers: string[] = []
  let last = new Date(0)
  let share = 0
  const { signal } = options
  const onRead = (read: number) => {
    share = read
  }
  const invoices = limited(readInvoices(file, { onRead, ...(signal && { signal }) }), options.limitInvoices)
  for await (const batch of batches(invoices)) {
    signal?.throwIfAborted()
    for (const invoice of batch) count(invoice, report)
    const { result } = await unitOfWork(options.orm, (em) => importBatch(em, batch, state))
    for (const number of result) numbers.push(number)
    last = (batch.at(-1) as RetailInvoice).at
    options.onProgress?.({ share, invoices: report.invoicesRead, lines: report.linesRead })
  }
  return { numbers, last }
}

function count(invoice: RetailInvoice, report: ImportReport): void {
  report.linesRead += invoice.lines.length
  report.invoicesRead += 1
  if (isReturn(invoice)) report.returnsRead += 1
}

async function* limited(invoices: AsyncIterable<RetailInvoice>, limit = Number.POSITIVE_INFINITY) {
  let left = limit
  for await (const invoice of invoices) {
    if (left <= 0) return
    left -= 1
    yield invoice
  }
}

/** Up to 100 invoices or 2,000 lines, which one unit of work takes. */
async function* batches(invoices: AsyncIterable<RetailInvoice>): AsyncGenerator<RetailInvoice[]> {
  let batch: RetailInvoice[] = []
  let lines = 0
  for await (const invoice of invoices) {
    batch.push(invoice)
    lines += invoice.lines.length
    if (batch.length < 100 && lines < 2000) continue
    yield batch
    batch = []
    lines = 0
  }
  if (batch.length > 0) yield batch
}

async function send(orm: ShopOrm, numbers: string[], last: Date, report: ImportReport): Promise<void> {
  await unitOfWork(orm, async (em) => {
    const paid = await em.find(Order, { number: { $in: numbers }, status: 'paid' })
    for (const order of paid) {
      const placed = order.createdAt.getTime()
      if (placed > last.getTime() - 3 * day) continue
      order.ship(new Date(placed + day))
      report.ordersShipped += 1
      if (placed > last.getTime() - 7 * day) continue
      order.deliver(new Date(placed + 3 * day))
      report.ordersDelivered += 1
    }
  })
}
