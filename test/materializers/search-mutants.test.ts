import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openClient } from '../../src/database.ts'
import type { Lease } from '../../src/lease.ts'
import { BulkWriter, type DocumentWrite } from '../../src/materializers/search/bulk.ts'
import { refreshIndex } from '../../src/materializers/search/index-content.ts'
import { OwnedState } from '../../src/materializers/search/index-state.ts'
import { makeSearchable, Searchable } from '../../src/materializers/search/searchable.ts'
import { readState, writeState } from '../../src/materializers/search/state-document.ts'
import { documentWrite } from '../../src/materializers/search/write.ts'
import { recordSearchable } from '../../src/schema/consumers.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { describeWithSearch } from '../support/search.ts'
import { SearchStand } from './search-setup.ts'

// Wrong variants of the rules, each in an interleaving that shows it on the real engine.
const mutant = vi.hoisted(() => ({ ordinalFirst: false }))

vi.mock('../../src/materializers/search/version.ts', async (original) => {
  const right = await original<typeof import('../../src/materializers/search/version.ts')>()
  const ordinalFirst = (epoch: number, ordinal: number) => (BigInt(ordinal) << 20n) | BigInt(epoch)
  return {
    ...right,
    documentVersion: (epoch: number, ordinal: number) =>
      (mutant.ordinalFirst ? ordinalFirst : right.documentVersion)(epoch, ordinal),
  }
})

/** Reads from the lease how far it is after the index refresh. */
async function tooLate(client: Client, database: pg.Pool, lease: Lease): Promise<void> {
  await refreshIndex(client, lease.generation.storage)
  await recordSearchable(database, lease)
}

/** The right one. */
const write = BulkWriter.prototype.write

const order = { quantity: 1, productId: 1, day: '2026-01-01' }

describeWithSearch('rules of the search target, each beside a wrong one', () => {
  let stand: SearchStand
  beforeEach(async () => {
    stand = await SearchStand.open()
  })
  afterEach(async () => {
    mutant.ordinalFirst = false
    vi.restoreAllMocks()
    await stand.close()
  })

  const place = (...ids: number[]) =>
    inOneTransaction(stand.database.pool, async (client) => {
      for (const id of ids) await placeOrder(client, id, order)
    })

  it.each([
    ['epoch above ordinal: a row that was read again stays', false, true],
    ['ordinal above epoch: it is lost to a former owner that is further on', true, false],
  ])('%s', async (_, ordinalFirst, agrees) => {
    mutant.ordinalFirst = ordinalFirst
    const former = await stand.owner()
    await former.rebuild()
    const lease = await former.lease()
    await place(1, 2)
    await former.catchUp(lease)
    const row = (await former.expected())[0]!
    const key = JSON.stringify([row.day, String(row.product_id)])
    // The former owner still has a document in hand, of two events further on, that was computed from a wrong row.
    const held = documentWrite(former.materializer.context.definition, key, lease.epoch, {
      row: { ...row, quantity: 99 },
      ordinal: lease.cursor.ordinal + 2,
      snapshot: undefined,
    })
    await stand.expireLeases()
    const owner = await stand.owner()
    const next = await owner.lease()
    const bulk = new BulkWriter(stand.search.client, { index: `${next.generation.storage}-write` })
    await bulk.write([
      documentWrite(former.materializer.context.definition, key, next.epoch, {
        row,
        ordinal: next.cursor.ordinal,
        snapshot: undefined,
      }),
    ])
    await bulk.write([held])
    expect(await stand.agrees(owner)).toBe(agrees)
  })

  it.each([
    ['a document that was read is written, also where nothing changed', false, true],
    ['a document without a change is left as it is: a late write takes it back', true, false],
  ])('%s', async (_, leavesUnchanged, agrees) => {
    const [first, second, third] = [await stand.owner(), await stand.owner(), await stand.owner()]
    await first.rebuild()
    const lease = await first.lease()
    await place(1)
    await first.catchUp(lease)
    await place(2, 3, 4)
    for (const owner of [first, second, third]) await owner.feed.tick()
    const firstBulk = holdBulk()
    const firstPass = first.pages(lease, 3)
    await firstPass.step()
    await firstBulk.arrived
    // The second owner reads the document before the first one's write lands, and takes a smaller page.
    await stand.expireLeases()
    const secondBulk = holdBulk()
    const secondPass = second.pages(await second.lease(), 1)
    await secondPass.step()
    await secondBulk.arrived
    firstBulk.release()
    expect(await firstPass.isLost()).toBe(true)
    if (leavesUnchanged) leaveUnchanged(stand)
    await stand.expireLeases()
    await third.catchUp(await third.lease(), 1)
    secondBulk.release()
    expect(await secondPass.isLost()).toBe(true)
    expect(await stand.agrees(third)).toBe(agrees)
  })

  it.each([
    ['what is recorded as searchable was applied before the index refresh', makeSearchable, true],
    ['what is applied during the index refresh counts: readers are promised rows that they do not see', tooLate, false],
  ])('%s', async (_, makes, kept) => {
    vi.spyOn(Searchable.prototype, 'applied').mockReturnValue() // no index refresh but the one below
    const owner = await stand.owner()
    await owner.rebuild()
    const lease = await owner.lease()
    await place(1)
    await owner.catchUp(lease)
    const seen = lease.cursor.window
    await place(2)
    const refresh = stand.search.client.indices.refresh.bind(stand.search.client.indices)
    vi.spyOn(stand.search.client.indices, 'refresh').mockImplementationOnce((async (...asked: [never]) => {
      const answer = await refresh(...asked)
      await owner.catchUp(lease)
      return answer
    }) as never)
    await makes(stand.search.client, stand.database.pool, lease)
    expect(lease.cursor.window).toBeGreaterThan(seen)
    const { rows } = await stand.database.pool.query('select searchable_window::int as window from trifold.consumers')
    expect(rows[0].window === seen).toBe(kept)
  })

  /** A database that forgets a window whose documents the index has. Returns whether the index was taken for fit. */
  const forgetWindow = async (wrong: {
    atLostPage?: () => void
    beforeLease?: (storage: string) => Promise<void>
  }): Promise<{ fit: boolean; agrees: boolean }> => {
    const before = await stand.owner()
    await before.rebuild()
    const lease = await before.lease()
    await place(1)
    await before.catchUp(lease)
    const restored = await stand.copy()
    const owner = await stand.owner() // its connections are new; the lease is the same
    const client = await openClient(stand.database.url, { name: 'owner' })
    await place(2, 3) // lost
    wrong.atLostPage?.()
    await owner.feed.tick()
    const pages = before.pages.call(Object.assign(Object.create(before), { feed: owner.feed }), lease, 5_000, client)
    await pages.step()
    expect(await pages.isLost()).toBe(false)
    await client.end()
    await stand.use(restored)
    await inOneTransaction(stand.database.pool, (client) => placeOrder(client, 4, { ...order, productId: 2 }))
    await stand.expireLeases()
    const after = await stand.owner()
    await after.feed.tick()
    vi.restoreAllMocks()
    await wrong.beforeLease?.(lease.generation.storage)
    const next = await after.lease().catch((error: Error) => error)
    if (next instanceof Error) {
      expect(next.message).toContain('another history')
      await after.materializer.adopt?.()
      await after.rebuild()
      await after.catchUp(await after.lease())
      return { fit: false, agrees: await stand.agrees(after) }
    }
    await after.catchUp(next)
    return { fit: true, agrees: await stand.agrees(after) }
  }

  it('names the window before its first document: an index that the database has forgotten is replaced', async () => {
    expect(await forgetWindow({})).toEqual({ fit: false, agrees: true })
  })

  it('without naming it before, such an index is taken for fit and stays wrong', async () => {
    const atLostPage = () => vi.spyOn(OwnedState.prototype, 'intend').mockResolvedValue(true)
    expect(await forgetWindow({ atLostPage })).toEqual({ fit: true, agrees: false })
  })

  it('without a nonce, a window of the same id is taken for the one that was forgotten', async () => {
    const { client } = stand.search
    const ignoreNonce = async (storage: string) => {
      const read = await readState<{ window: number; nonce: string }>(client, storage)
      if (read.status !== 'found') throw new Error(read.status)
      const { rows } = await stand.database.pool.query('select nonce from trifold.windows where id = $1', [
        read.state.window,
      ])
      await writeState(client, storage, { ...read.state, nonce: rows[0].nonce }, read)
    }
    expect(await forgetWindow({ beforeLease: ignoreNonce })).toEqual({ fit: true, agrees: false })
  })
})

/** The next bulk write waits until it is released, as that of a frozen owner would. */
function holdBulk(): { arrived: Promise<void>; release: () => void } {
  let arrive = () => {}
  let release = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  vi.spyOn(BulkWriter.prototype, 'write').mockImplementationOnce(async function (this: BulkWriter, ...given) {
    arrive()
    await released
    return write.apply(this, given)
  })
  return { arrived, release }
}

/** The wrong rule: documents that are there already in the same form are not written. */
function leaveUnchanged({ search }: SearchStand): void {
  vi.spyOn(BulkWriter.prototype, 'write').mockImplementation(async function (this: BulkWriter, items, signal) {
    const changed: DocumentWrite[] = []
    for (const item of items as Iterable<DocumentWrite>) {
      const { body } = await search.client.get(
        { index: `${search.prefix}day_total-g1`, id: item.id },
        { ignore: [404] },
      )
      if (JSON.stringify(body._source) !== item.source) changed.push(item)
    }
    return write.call(this, changed, signal)
  })
}
