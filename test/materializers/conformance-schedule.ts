import { afterEach, expect, it } from 'vitest'
import { scheduled } from '../../src/testing/feeds.ts'
import { advanceOrder, inOneTransaction } from '../support/market/writer.ts'
import { fillMarket, type Stand } from './conformance-stand.ts'

/** A target that runs its definition again. */
export function scheduledConformance(open: () => Stand): void {
  afterEach(() => open().clear())

  it('shows what was committed before a refresh, and not what came after it', async () => {
    await fillMarket(open())
    const driver = await open().target('plain_order')
    await driver.rebuild()
    const before = await driver.expected()
    await inOneTransaction(open().database.pool, (client) => advanceOrder(client, 1, 9))
    expect(await open().rows(driver)).toEqual(before)
    expect(await scheduled(driver.materializer).refresh()).toMatchObject({ outcome: 'refreshed', rows: 12 })
    await open().expectEqual(driver)
  })
}
