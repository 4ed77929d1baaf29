import { afterAll, beforeAll, expect, it } from 'vitest'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import type { Build, BuildOptions } from '../../src/generation/build.ts'
import type { Lease } from '../../src/lease.ts'
import type { EventFed } from '../../src/materializer.ts'
import { refreshIndex } from '../../src/materializers/search/index-content.ts'
import { buildNext } from '../../src/rebuild/build-next.ts'
import type { Generation } from '../../src/schema/generations.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { SearchStand } from '../materializers/search-setup.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { describeWithSearch } from '../support/search.ts'
import { allRows, type TargetDriver } from '../support/target-driver.ts'

const order = { quantity: 1, productId: 1, day: '2026-01-01' }

describeWithSearch('an index that is replaced while its consumer goes on for a page', () => {
  let stand: SearchStand
  let orders = 0
  beforeAll(async () => {
    stand = await SearchStand.open('plain_order')
    await (await stand.owner()).rebuild()
  })
  afterAll(() => stand?.close())

  const place = async () => {
    orders += 1
    await inOneTransaction(stand.database.pool, (client) => placeOrder(client, orders, order))
  }

  /** What the consumer's page came to, and how many rows readers see before the names are moved and after. */
  async function replaced(changed: (materializer: EventFed) => EventFed) {
    const consumer = await stand.owner()
    const lease = await consumer.lease()
    await place()
    await consumer.catchUp(lease)
    const rebuilder = await stand.owner()
    const materializer = changed(eventFed(rebuilder.materializer))
    const seen: number[] = []
    let page: number | 'lost' | undefined
    let times = 0
    const build = (options: BuildOptions): Build => {
      const built = materializer.build(options)
      const makeReadable: Build['makeReadable'] = async (generation) => {
        times += 1
        if (times === 2) {
          page = await lastPage(consumer, lease)
          seen.push((await allRows(consumer.materializer)).length)
        }
        await built.makeReadable?.(generation)
      }
      return { ...built, makeReadable }
    }
    const catchUp = (next: Generation) => new FeedCatchUp(materializer, rebuilder.projector, next)
    await buildNext({ ...materializer, build }, { reason: 'test', catchUp })
    seen.push((await allRows(rebuilder.materializer)).length)
    return { page, seen }
  }

  /** It has all events of before, so its next one is of an event that the rebuild does not wait for. */
  async function lastPage(consumer: TargetDriver, lease: Lease): Promise<number | 'lost'> {
    await place()
    await consumer.feed.tick()
    const page = await consumer.onePage(lease)
    await refreshIndex(stand.search.client, lease.generation.storage)
    return page
  }

  it('shows nobody what the new one lacks', async () => {
    const before = orders
    expect(await replaced((right) => right)).toEqual({ page: 'lost', seen: [before + 1, before + 1] })
  })

  it('shows it, if nothing fences the consumer (mutant)', async () => {
    const before = orders
    expect(await replaced((right) => ({ ...right, fence: undefined }))).toEqual({
      page: 'lost',
      seen: [before + 2, before + 1],
    })
  })
})
