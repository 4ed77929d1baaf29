import { expect, test } from 'vitest'
import { importRetail } from '../../../examples/shop/import.ts'
import { retailFile, retailMissing } from '../../support/retail-data.ts'
import { accounted } from './accounted.ts'
import { createShopDatabase } from './shop-database.ts'

test('an import of 2,000 invoices of the real data set accounts for every line', async (context) => {
  if (retailMissing) context.skip(retailMissing)
  const own = await createShopDatabase()
  try {
    const shares: number[] = []
    const report = await importRetail({
      orm: own.shop.orm,
      file: retailFile,
      limitInvoices: 2000,
      onProgress: ({ share }) => shares.push(share),
    })
    expect(report.invoicesRead).toBe(2000)
    expect(accounted(report)).toBe(report.linesRead)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    const { rows } = await own.pool.query(
      `select
        (select count(*)::int from orders) as "ordersImported",
        (select count(*)::int from order_lines) as "linesImported",
        (select count(*)::int from orders where status = 'cancelled') as "ordersCancelled",
        (select count(*)::int from customers) as "customersRegistered",
        (select count(*)::int from products) as "productsAdded",
        (select count(*)::int from trifold.outbox where type = 'OrderPaid') as paid`,
    )
    const { paid, ...counted } = rows[0]
    expect(report).toMatchObject(counted)
    expect(paid).toBe(report.ordersImported)
    expect(report.ordersCancelled).toBeGreaterThan(0)
    const stock = await own.pool.query(
      `select
        (select sum(stock) from products)
          = (select sum(quantity) from order_lines join orders on orders.id = order_id where status = 'cancelled')
          as only_what_was_cancelled`,
    )
    expect(stock.rows).toEqual([{ only_what_was_cancelled: true }])
  } finally {
    await own.close()
  }
})
