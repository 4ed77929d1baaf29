import type pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Lease } from '../../src/lease.ts'
import { KnownDocuments } from '../../src/materializers/search/known-documents.ts'
import { advanceOrder, deleteOrder, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { describeWithSearch } from '../support/search.ts'
import { allRows, type TargetDriver } from '../support/target-driver.ts'
import { SearchStand } from './search-setup.ts'

const order = { quantity: 1, productId: 1, day: '2026-01-01' }

/** An order that is placed, deleted and placed again: its events are one net change, or several in smaller pages. */
const placeAgain = (id: number) => async (client: pg.PoolClient) => {
  await placeOrder(client, id, order)
  await advanceOrder(client, id, 1)
  await deleteOrder(client, id)
  await placeOrder(client, id, order)
  await advanceOrder(client, id, 2)
}
const events = 5

/** The right one. */
const before = KnownDocuments.prototype.before

async function rowsSeen({ materializer }: TargetDriver): Promise<Row[]> {
  await materializer.makeSearchable?.()
  return allRows(materializer)
}

// A takeover goes back to the start of a window that the index shows already, and its pages may be smaller.
for (const name of ['plain_order', 'pictured_order'] as const)
  describeWithSearch(`a takeover of ${name}@search`, () => {
    let stand: SearchStand
    beforeAll(async () => {
      stand = await SearchStand.open(name)
      await (await stand.owner()).rebuild()
    })
    afterAll(async () => {
      await stand?.close()
    })

    /** What readers see of one owner's only page, and after each page of one event of the next owner. */
    const seenAroundTakeover = async (id: number): Promise<{ shown: Row[]; seen: Row[][] }> => {
      const former = await stand.owner()
      await inOneTransaction(stand.database.pool, placeAgain(id))
      await former.catchUp(await former.lease())
      const shown = await rowsSeen(former)
      await stand.expireLeases()
      const owner = await stand.owner()
      const seen = await seenEventByEvent(owner, await owner.lease())
      await stand.expireLeases()
      return { shown, seen }
    }

    const seenEventByEvent = async (owner: TargetDriver, lease: Lease): Promise<Row[][]> => {
      const seen: Row[][] = []
      for (let event = 0; event < events; event++) {
        expect(await owner.onePage(lease, 1)).toBe(1)
        seen.push(await rowsSeen(owner))
      }
      return seen
    }

    it('reads no document to overwrite one while it catches up after a build', async () => {
      const owner = await stand.owner()
      const lease = await owner.lease()
      await inOneTransaction(stand.database.pool, (client) => placeOrder(client, 4, order))
      const reads = vi.spyOn(KnownDocuments.prototype, 'before')
      await owner.catchUp(lease)
      expect(reads.mock.calls[0]).toEqual([expect.anything(), false])
      reads.mockRestore()
      await stand.expireLeases()
    })

    it('shows nothing older while a page is applied again, event by event', async () => {
      const { shown, seen } = await seenAroundTakeover(1)
      expect(shown).toContainEqual(expect.objectContaining({ order_id: 1, status: 2 }))
      expect(seen).toEqual(Array(events).fill(shown))
    })

    it('loses a row for a moment if a removal does not read the document that it replaces', async () => {
      const unread = vi.spyOn(KnownDocuments.prototype, 'before').mockImplementation(function (
        this: KnownDocuments,
        changes,
      ) {
        return before.call(this, changes, false)
      })
      const { shown, seen } = await seenAroundTakeover(2).finally(() => unread.mockRestore())
      expect(Math.min(...seen.map((rows) => rows.length))).toBe(shown.length - 1)
      expect(seen.at(-1)).toEqual(shown)
    })

    if (name === 'plain_order') return // reads no row again
    it('shows nothing older than a row that was read again ahead of its page', async () => {
      const owner = await stand.owner()
      const lease = await owner.lease()
      await owner.catchUp(lease)
      await inOneTransaction(stand.database.pool, placeAgain(3))
      await owner.feed.tick()
      const seen = await seenEventByEvent(owner, lease)
      expect(seen[0]).toContainEqual(expect.objectContaining({ order_id: 3, status: 2 }))
      expect(seen).toEqual(Array(events).fill(seen[0]))
    })
  })
