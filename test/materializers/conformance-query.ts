import { afterEach, describe, expect, it } from 'vitest'
import { readRow } from '../../src/definition/rows.ts'
import { fillMarket, type Stand } from './conformance-stand.ts'

/** Reading: what a target cannot do it refuses, with a target that can. */
export function queryConformance(open: () => Stand): void {
  describe('queries', () => {
    afterEach(() => open().clear())

    it('finds rows page by page, and summarizes them', async () => {
      await fillMarket(open())
      const driver = await open().target('plain_order')
      await driver.rebuild()
      const { materializer } = driver
      if (open().conforming.rows) {
        await expect(materializer.find({})).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
        await expect(materializer.summarize({})).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
        return
      }
      const expected = (await driver.expected()).filter((row) => row.product_id === 2)
      const read = expected.map((row) => readRow(materializer.context.definition, row))
      const newestFirst = read.sort((a, b) => (String(a.changed_at) < String(b.changed_at) ? 1 : -1))
      const request = { where: { product_id: 2 }, sort: '-changed_at', limit: 3 }
      const first = await materializer.find(request)
      expect(first).toMatchObject({ rows: newestFirst.slice(0, 3), target: materializer.context.target })
      const second = await materializer.find({ ...request, cursor: first.cursor as string })
      expect(second.rows).toEqual(newestFirst.slice(3))
      const sum = newestFirst.reduce((total, row) => total + Number(row.quantity), 0)
      expect(await materializer.summarize({ where: { product_id: 2 }, sum: 'quantity' })).toMatchObject({
        groups: [{ group: null, count: newestFirst.length, sum }],
      })
    })

    it('groups rows by the elements of an array', async () => {
      await fillMarket(open())
      const driver = await open().target('plain_order')
      await driver.rebuild()
      if (open().conforming.rows) return
      const counts = new Map<unknown, number>()
      for (const { labels } of await driver.expected()) {
        const elements = new Set((labels as string[] | null)?.filter((label) => label !== null))
        for (const one of elements.size > 0 ? elements : [null]) counts.set(one, (counts.get(one) ?? 0) + 1)
      }
      const { groups } = await driver.materializer.summarize({ group: 'labels' })
      expect(new Map(groups.map(({ group, count }) => [group, count]))).toEqual(counts)
      expect(counts.size).toBeGreaterThan(1)
    })

    it('refuses full text where it has none', async () => {
      const driver = await open().target('plain_order', {
        targets: { table: {}, view: {}, search: { text: ['note'] } },
      })
      if (driver.materializer.features.fullText || open().conforming.rows) return
      await driver.rebuild()
      const refused = driver.materializer.find({ text: 'note' })
      await expect(refused).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
      await expect(refused).rejects.toThrow('plain_order@search')
    })

    it('tells its storage, its rows and its size', async () => {
      await fillMarket(open())
      const driver = await open().target('plain_order')
      const { storage } = await driver.rebuild()
      const status = await driver.materializer.status()
      expect(status.storage).toContain(open().conforming.rows ? 'memory' : storage)
      expect(status.rows).toBe(12)
      if (status.sizeBytes !== undefined) expect(status.sizeBytes).toBeGreaterThan(0)
    })
  })
}
