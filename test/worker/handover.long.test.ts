import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { Row } from '../../src/encoding.ts'
import { tick } from '../../src/feed/tick.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import type { TestDatabase } from '../support/database.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Loop } from '../support/market/steps.ts'
import { advanceOrder, deleteOrder, inOneTransaction, orderIds, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { allRows } from '../support/target-driver.ts'
import { until } from '../support/until.ts'
import { WorkerChild } from '../support/worker-child.ts'

const targets = ['plain_order@search', 'pictured_order@search']
const order = { quantity: 1, productId: 1, day: '2026-01-01' }

describeWithSearch('a worker that takes over', () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  let worker: WorkerChild

  const loaded = (pageSize: number) =>
    new WorkerChild({ database: database.url, search: search.url, indexPrefix: search.prefix, pageSize })

  beforeAll(async () => {
    database = await createMarket()
    search = createSearch()
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(resolveConfig(marketConfig(address)))
    worker = loaded(5_000)
    worker.start()
  })
  afterAll(async () => {
    await worker?.kill()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  /** Every order is deleted and placed again. */
  const placeAllAgain = () =>
    inOneTransaction(database.pool, async (client) => {
      const { rows } = await client.query<{ id: string }>('select id from orders')
      for (const { id } of rows) await deleteOrder(client, Number(id))
      for (const id of orderIds) {
        await placeOrder(client, id, order)
        await advanceOrder(client, id, 1)
      }
    })

  /** Has a worker apply all that in one page, and kills it before the next one, if that follows, has ended. */
  const killAfterPage = async () => {
    await whenApplied(database.url, targets)
    worker.freeze()
    await placeAllAgain()
    const client = await database.pool.connect()
    const { window } = await tick(client, { evenIfEmpty: true }).finally(() => client.release())
    worker.resume()
    while (!(await arePast(window.id))); // the next page may follow at once
    await worker.kill()
  }

  const arePast = async (window: number): Promise<boolean> => {
    const { rows } = await database.pool.query(
      `select count(*)::integer as count
      from trifold.consumers
      join trifold.generations on generations.id = generation_id
      where state = 'serving'
        and target = any($1)
        and window_id >= $2`,
      [targets, window],
    )
    return rows[0].count === targets.length
  }

  const rowsOf = async (target: string): Promise<Row[]> => {
    await toolkit.target(target).makeSearchable?.()
    return allRows(toolkit.target(target))
  }

  it.each([3, 1])('shows the same rows all the time while it applies pages of %i again', async (pageSize) => {
    const next = loaded(pageSize)
    await killAfterPage()
    const shown = Object.fromEntries(await Promise.all(targets.map(async (target) => [target, await rowsOf(target)])))
    const seen: Record<string, Row[][]> = Object.fromEntries(targets.map((target) => [target, []]))
    const readers = targets.map((target) => new Loop(async () => void seen[target]?.push(await rowsOf(target))))
    worker = next
    worker.start()
    await until('it has the targets', () => targets.every((target) => hasApplied(next, target)))
    await whenApplied(database.url, targets)
    for (const reader of readers) await reader.stop()
    for (const target of targets) {
      expect(shown[target]).toHaveLength(orderIds.length)
      for (const rows of seen[target] ?? []) expect(rows).toEqual(shown[target])
    }
  })
})

const hasApplied = ({ observed }: WorkerChild, target: string): boolean =>
  observed.of('page.applied').some((page) => page.target === target)
