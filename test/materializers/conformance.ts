import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMarket } from '../support/market/database.ts'
import { eventFedConformance } from './conformance-events.ts'
import { prepareConformance } from './conformance-prepare.ts'
import { queryConformance } from './conformance-query.ts'
import { reloadConformance } from './conformance-reload.ts'
import { scheduledConformance } from './conformance-schedule.ts'
import { type Conforming, fillMarket, Stand } from './conformance-stand.ts'

/** The promises of the interface `Materializer`, as far as the materializer declares them. */
export function conformance(conforming: Conforming): void {
  describe(`the promises of a materializer, kept by ${conforming.name}`, () => {
    let stand: Stand
    beforeAll(async () => {
      stand = new Stand(conforming, await createMarket())
    })
    afterAll(() => stand?.close())
    const open = () => stand

    it('builds a target from a database that has data', async () => {
      await fillMarket(stand)
      for (const name of ['plain_order', 'day_total', 'pictured_order'] as const) {
        const driver = await stand.target(name)
        const generation = await driver.rebuild('it is the first')
        expect(generation).toMatchObject({ target: `${name}@${conforming.name}`, state: 'serving' })
        await stand.expectEqual(driver)
        expect(await driver.expected()).not.toHaveLength(0)
      }
      await stand.clear()
    })

    it('closes twice', async () => {
      const driver = await stand.target('plain_order')
      await driver.rebuild()
      await driver.materializer.close()
      await driver.materializer.close()
      await stand.clear()
    })

    it('declares what feeds it and what its store can do', async () => {
      const { materializer } = await stand.target('plain_order')
      expect(materializer).toMatchObject({ fedBy: conforming.fedBy, features: conforming.features })
      expect('apply' in materializer).toBe(conforming.fedBy === 'events')
      expect('refresh' in materializer).toBe(conforming.fedBy === 'schedule')
      await stand.clear()
    })

    prepareConformance(open)
    queryConformance(open)
    reloadConformance(open, conforming.fedBy)
    if (conforming.fedBy === 'events') describe('fed by events', () => eventFedConformance(open, conforming))
    else describe('fed by a schedule', () => scheduledConformance(open))
  })
}
