import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ImportReport, importRetail } from '../../../examples/shop/import.ts'
import { accounted } from './accounted.ts'
import { createShopDatabase, type ShopDatabase } from './shop-database.ts'

let database: ShopDatabase
let folder: string

beforeAll(async () => {
  database = await createShopDatabase()
  folder = await mkdtemp(join(tmpdir(), 'trifold-import-'))
})

afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const reasons = (report: ImportReport) =>
  Object.fromEntries(Object.entries(report.linesSkipped).filter(([, lines]) => lines > 0))

async function importLines(name: string, lines: string[]): Promise<ImportReport> {
  const file = join(folder, `${name}.csv`)
  const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
  await writeFile(file, [header, ...lines].join('\n'))
  return importRetail({ orm: database.shop.orm, file })
}

const orders = async (numbers: string[]) => {
  const { rows } = await database.pool.query(
    `select number, status, total_cents::int, item_count::int
    from order_summary where number = any($1) order by number`,
    [numbers],
  )
  return rows
}

describe('an import of a few lines', () => {
  test('makes paid orders, and cancels the one that a return holds wholly', async () => {
    const report = await importLines('whole', [
      '1001,10001,RED LAMP,2,2010-12-01 08:26:00,10.00,501.0,United Kingdom',
      '1001,10002a,"BOOK, LARGE",1,2010-12-01 08:26:00,2.55,501.0,United Kingdom',
      '1002,10001,RED LAMP,6,2010-12-01 09:00:00,9.50,501.0,United Kingdom',
      'C1003,10002A,BOOK,-1,2010-12-02 10:00:00,2.55,501.0,United Kingdom',
      'C1003,10001,RED LAMP,-2,2010-12-02 10:00:00,10.00,501.0,United Kingdom',
    ])
    expect(report).toMatchObject({
      linesImported: 3,
      linesReturned: { wholeOrder: 2, partOfOrder: 0 },
      ordersCancelled: 1,
    })
    expect(await orders(['1001', '1002'])).toEqual([
      { number: '1001', status: 'cancelled', total_cents: 2255 + 495, item_count: 3 },
      { number: '1002', status: 'paid', total_cents: 5700, item_count: 6 },
    ])
  })

  test('counts a return of some pieces, and one for which there is no order', async () => {
    const report = await importLines('part', [
      '2001,20001,CHAIR,4,2010-12-01 08:26:00,10.00,502.0,France',
      'C2002,20001,CHAIR,-3,2010-12-02 10:00:00,10.00,502.0,France',
      'C2003,20001,CHAIR,-2,2010-12-02 10:00:00,10.00,502.0,France',
      'C2004,20001,CHAIR,-4,2010-12-02 10:00:00,10.00,,France',
    ])
    expect(report).toMatchObject({ linesReturned: { wholeOrder: 0, partOfOrder: 1 }, returnsRead: 3 })
    expect(reasons(report)).toEqual({ return_without_order: 1, return_without_customer: 1 })
    expect(accounted(report)).toBe(report.linesRead)
  })

  test('skips what the shop cannot hold, and says why', async () => {
    const report = await importLines('skipped', [
      '3001,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,503.0,France',
      '3001,30001,,1,2010-12-01 08:26:00,1.00,503.0,France',
      '3001,30002,TABLE,1,2010-12-01 08:26:00,0.001,503.0,France',
      '3001,30003,damaged,-5,2010-12-01 08:26:00,1.00,503.0,France',
      'A3002,B,Adjust bad debt,1,2010-12-01 08:26:00,11062.06,,United Kingdom',
    ])
    expect(reasons(report)).toEqual({
      not_a_product: 1,
      description_blank: 1,
      price_below_a_cent: 1,
      quantity_of_a_return: 1,
      accounting_entry: 1,
    })
    expect(report).toMatchObject({ linesImported: 0, ordersImported: 0 })
  })

  test('sorts a product by the words of its description, where they say it', async () => {
    await importLines('categories', [
      '9001,90001,RED WOOLLY HOTTIE,1,2010-12-01 08:26:00,1.00,508.0,France',
      '9001,90002,SET OF 6 T-LIGHTS SANTA,1,2010-12-01 08:26:00,1.00,508.0,France',
      '9001,90003,HANGING LANTERN,1,2010-12-01 08:26:00,1.00,508.0,France',
    ])
    const { rows } = await database.pool.query(
      `select sku, description, category from products where sku like '9000_' order by sku`,
    )
    expect(rows).toEqual([
      { sku: '90001', description: null, category: null },
      { sku: '90002', description: null, category: 'Christmas' },
      { sku: '90003', description: null, category: 'Lighting' },
    ])
  })

  test('gives a guest of each country what no customer bought', async () => {
    await importLines('guests', [
      '4001,40001,CUP,1,2010-12-01 08:26:00,1.00,,France',
      '4002,40001,CUP,1,2010-12-01 08:26:00,1.00,,France',
      '4003,40001,CUP,1,2010-12-01 08:26:00,1.00,,Hong Kong',
    ])
    const { rows } = await database.pool.query(
      `select email, count(*)::int as orders
      from customers join orders on customer_id = customers.id
      where number between '4001' and '4003' group by email order by email`,
    )
    expect(rows).toEqual([
      { email: 'guest-france@retail.example', orders: 2 },
      { email: 'guest-hong-kong@retail.example', orders: 1 },
    ])
  })

  test('leaves alone what is there when it is run again', async () => {
    const lines = [
      '5001,50001,PLATE,1,2010-12-01 08:26:00,1.00,504.0,Spain',
      '5002,50001,PLATE,2,2010-12-01 08:26:00,1.00,504.0,Spain',
      'C5003,50001,PLATE,-1,2010-12-01 09:26:00,1.00,504.0,Spain',
    ]
    await importLines('once', lines)
    const before = (await database.events()).length
    const report = await importLines('twice', lines)
    expect(reasons(report)).toEqual({ already_imported: 3 })
    expect((await database.events()).length).toBe(before)
  })

  test('counts an invoice whose number comes again', async () => {
    const report = await importLines('again', [
      '6001,60001,FORK,1,2010-12-01 08:26:00,1.00,505.0,Spain',
      '6002,60001,FORK,1,2010-12-01 08:26:00,1.00,505.0,Spain',
      '6001,60002,KNIFE,1,2010-12-01 08:26:00,1.00,505.0,Spain',
    ])
    expect(reasons(report)).toEqual({ invoice_repeated: 1 })
  })

  test('ships and delivers the orders that are older', async () => {
    const report = await importLines('older', [
      '7001,70001,SPOON,1,2010-12-01 08:00:00,1.00,506.0,Spain',
      '7002,70001,SPOON,1,2010-12-09 08:00:00,1.00,506.0,Spain',
      '7003,70001,SPOON,1,2010-12-13 08:00:00,1.00,506.0,Spain',
    ])
    expect(report).toMatchObject({ ordersShipped: 2, ordersDelivered: 1 })
    const statuses = (await orders(['7001', '7002', '7003'])).map((order) => order.status)
    expect(statuses).toEqual(['delivered', 'shipped', 'paid'])
  })

  test('stops between two units of work when it is told to', async () => {
    const file = join(folder, 'stopped.csv')
    const lines = Array.from({ length: 250 }, (_, n) => `8${n + 100},80001,PEN,1,2010-12-01 08:00:00,1.00,507.0,Spain`)
    await writeFile(
      file,
      ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country', ...lines].join('\n'),
    )
    const stop = new AbortController()
    const importing = importRetail({
      orm: database.shop.orm,
      file,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' })
    const { rows } = await database.pool.query(`select count(*)::int as orders from orders where number like '8%'`)
    expect(rows).toEqual([{ orders: 100 }])
  })

  test('names the file that is not there', async () => {
    const importing = importRetail({ orm: database.shop.orm, file: join(folder, 'none.csv.gz') })
    await expect(importing).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})
