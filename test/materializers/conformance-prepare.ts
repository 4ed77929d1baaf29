import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { marketViews } from '../support/market/context.ts'
import { fillMarket, type Stand } from './conformance-stand.ts'

/** What `prepare` says of a target's storage. */
export function prepareConformance(open: () => Stand): void {
  describe('prepare', () => {
    afterEach(() => open().clear())

    it('says that there is no generation yet, then that it is ready', async () => {
      const driver = await open().target('day_total')
      const before = await driver.materializer.prepare()
      expect(before).toMatchObject({ state: 'unfit' })
      const generation = await driver.rebuild()
      expect(await driver.materializer.prepare()).toMatchObject({ state: 'ready', generation: { id: generation.id } })
    })

    it('finds that the storage is gone', async () => {
      const driver = await open().target('plain_order')
      const { storage } = await driver.rebuild()
      await open().conforming.loseStorage(driver.materializer, storage)
      expect(await driver.materializer.prepare()).toMatchObject({ state: 'unfit', reason: expect.any(String) })
      await fillMarket(open())
      await driver.rebuild()
      expect(await driver.materializer.prepare()).toMatchObject({ state: 'ready' })
      await open().expectEqual(driver)
    })

    it('refuses a table that took the name of another, and says which', async () => {
      await fillMarket(open())
      const driver = await open().target('plain_order')
      await driver.rebuild()
      const swap = (away: string, back: string) =>
        open().database.pool.query(`alter table orders rename to ${away}; alter table ${back} rename to orders`)
      await open().database.pool.query('create table other_orders (like orders including all)')
      await swap('orders_before', 'other_orders')
      await expect(driver.materializer.prepare()).rejects.toMatchObject({
        code: 'DEFINITION_DRIFT',
        message: expect.stringContaining('public.orders was renamed to public.orders_before'),
      })
      await driver.rebuild()
      expect(await driver.materializer.prepare()).toMatchObject({ state: 'ready' })
      await open().expectEqual(driver)
      await swap('other_orders', 'orders_before')
      await driver.rebuild()
      await open().expectEqual(driver)
      await open().database.pool.query('drop table other_orders')
    })

    it('finds that the definition is newer than what stands', async () => {
      await fillMarket(open())
      const before = await open().target('pictured_order')
      await before.rebuild()
      const after = await open().target('pictured_order', {}, await newerViews())
      expect(await after.materializer.prepare()).toMatchObject({ state: 'unfit' })
      await after.rebuild()
      await open().expectEqual(after)
      expect((await after.expected())[0]).toHaveProperty('doubled')
    })
  })
}

/** The market's definitions with a second version of `pictured_order`. */
async function newerViews(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-views-'))
  folders.push(folder)
  for (const name of await readdir(marketViews)) await copyFile(join(marketViews, name), join(folder, name))
  const pictured = await readFile(join(folder, 'pictured_order_v01.sql'), 'utf8')
  await writeFile(
    join(folder, 'pictured_order_v02.sql'),
    pictured.replace('products.price', 'products.price, 2 * products.price as doubled'),
  )
  return folder
}

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})
