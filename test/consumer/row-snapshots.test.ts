import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '../../src/database.ts'
import { createTableMaterializer } from '../../src/materializers/table.ts'
import type { TestDatabase } from '../support/database.ts'
import { marketContext } from '../support/market/context.ts'
import { createMarket } from '../support/market/database.ts'
import { advanceOrder, changeImage, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketEvents, picturedOrder } from '../support/market.ts'
import { allRows, TargetDriver } from '../support/target-driver.ts'

const day = '2026-01-01'

describe('the snapshots of recomputed keys', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let driver: TargetDriver

  beforeAll(async () => {
    database = await createMarket()
    pool = openPool(database.url, { name: 'test' })
    const context = await marketContext(pool, database.url, 'pictured_order', 'table', picturedOrder as never)
    driver = await TargetDriver.open(createTableMaterializer(context), marketEvents)
    await driver.rebuild()
  })
  afterAll(async () => {
    await driver?.close()
    await pool?.end()
    await database?.close()
  })

  const remembered = async (): Promise<string[]> =>
    (await pool.query('select key from trifold.row_snapshots order by key')).rows.map((row) => row.key)

  it('stay until a window that covers them was passed, not only the next one, and are known to the next owner', async () => {
    const open = await database.pool.connect()
    await open.query('begin')
    await placeOrder(open, 1, { quantity: 1, productId: 2, day })
    const lease = await driver.lease()
    await inOneTransaction(database.pool, (client) => placeOrder(client, 2, { quantity: 1, productId: 1, day }))
    await driver.feed.tick()
    await inOneTransaction(database.pool, (client) => advanceOrder(client, 2, 5)) // visible to the recompute already
    const pages = driver.pages(lease)
    await pages.step()
    await pages.isLost()
    await driver.catchUp(lease, 1)
    expect([...lease.rowSnapshots.keys()]).toEqual(await remembered())

    await database.pool.query(`update trifold.consumers set lease_until = '-infinity'`)
    const next = await driver.lease()
    expect([...next.rowSnapshots.keys()]).toEqual(await remembered())
    await open.query('commit')
    open.release()
    await driver.catchUp(next)
    await inOneTransaction(database.pool, (client) => changeImage(client, 3, 'nobody has it'))
    await driver.catchUp(next)
    expect(await remembered()).toEqual([])
    expect(next.rowSnapshots.size).toBe(0)
    expect(await allRows(driver.materializer)).toEqual(await driver.expected())
  })
})
