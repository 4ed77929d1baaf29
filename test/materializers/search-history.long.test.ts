import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { createIndex, dropIndex } from '../../src/materializers/search/index-admin.ts'
import { writeAlias } from '../../src/materializers/search/index-names.ts'
import type { IndexState } from '../../src/materializers/search/index-state.ts'
import { readState, writeState } from '../../src/materializers/search/state-document.ts'
import { adoptTarget } from '../../src/operator/adopt.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, marketModels } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { describeWithSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { SearchStand } from './search-setup.ts'

const order = { quantity: 1, productId: 1, day: '2026-01-01' }
const target = 'pictured_order@search'

/**
 * An index and a database whose histories have parted: it is replaced by a new one, after a word of an operator if another
 * server may have it, and the observation says why.
 */
describeWithSearch('an index that does not fit the database', () => {
  let stand: SearchStand
  let toolkit: Toolkit | undefined
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    stand = await SearchStand.open('pictured_order')
    observed.forget()
  })
  afterEach(async () => {
    await stop()
    await stand.close()
  })

  const run = async (name: keyof typeof marketModels = 'pictured_order') => {
    const { url, prefix } = stand.search
    const models = { [name]: { ...marketModels[name], targets: { search: { indexRefresh: '20ms' } } } }
    const config = marketConfig({ database: stand.database.url, search: url, indexPrefix: prefix }, models as never)
    toolkit = await openToolkit(resolveConfig(config))
    worker = await startWorker(toolkit, { observe: observed.observe })
  }
  const stop = async () => {
    await worker?.stop()
    await toolkit?.close()
    worker = toolkit = undefined
  }
  const place = (...ids: number[]) =>
    inOneTransaction(stand.database.pool, async (client) => {
      for (const id of ids) await placeOrder(client, id, order)
      return toolkit?.token(client as never)
    })
  const agree = () =>
    expectAgreement(stand.database.url, toolkit!.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${observed.text()}`)
    })
  const storage = async (of = target): Promise<string> => {
    const { rows } = await stand.database.pool.query(
      `select storage from trifold.generations where target = $1 and state = 'serving'`,
      [of],
    )
    return rows[0].storage
  }
  /** A worker that has built the target and applied something, stopped again. */
  const begin = async (): Promise<string> => {
    await run()
    await place(1, 2)
    await agree()
    await stop()
    observed.forget()
    return storage()
  }
  const expectReplaced = async (before: string, reason: string | RegExp) => {
    await place(9)
    await agree()
    expect(await storage()).not.toBe(before)
    expect(observed.of('rebuild.started').at(-1)?.reason).toMatch(reason)
    await until('the old index is dropped', async () => {
      const { body } = await stand.search.client.indices.exists({ index: before })
      return !body
    })
  }
  /** Another server may write it: nothing is done to it until an operator says that none does. */
  const expectAdopted = async (before: string, reason: string) => {
    const refused = await observed.when('target.retrying')
    expect(refused[0]?.error).toMatchObject({ code: 'INDEX_OWNED', message: expect.stringContaining(reason) })
    expect(observed.of('rebuild.started')).toEqual([])
    await adoptTarget(toolkit!, target)
    await expectReplaced(before, 'was adopted')
  }
  const stateOf = async (index: string) => {
    const read = await readState<IndexState>(stand.search.client, index)
    if (read.status !== 'found') throw new Error(read.status)
    return read
  }
  const changeState = async (index: string, change: Partial<IndexState>) => {
    const read = await stateOf(index)
    expect(await writeState(stand.search.client, index, { ...read.state, ...change }, read)).not.toBe('conflict')
  }
  const reindex = (from: string, to: string) =>
    stand.search.client.reindex({
      refresh: true,
      body: { source: { index: from }, dest: { index: to, version_type: 'external' } },
    } as never)

  it('is missing: deleted under a running worker', async () => {
    await run()
    await place(1)
    await agree()
    const before = await storage()
    await dropIndex(stand.search.client, before)
    await expectReplaced(before, new RegExp(`index ${before} (is missing|has no write alias)`))
  })

  it('is missing while no event comes, or shows rows that were removed: a worker mends both', async () => {
    await run()
    await place(1, 2)
    await agree()
    const before = await storage()
    const alias = `${stand.search.prefix}pictured_order`
    await stand.search.client.indices.updateAliases({ body: { actions: [{ add: { index: before, alias } }] } as never })
    const [look] = toolkit!.targets.values()
    expect(await look!.status()).toMatchObject({ problem: { verdict: 'red' } })
    await until('the alias is as it was', async () => (await look!.status()).problem === undefined)
    expect(await storage()).toBe(before)
    await dropIndex(stand.search.client, before)
    expect(await look!.status()).toMatchObject({ problem: { verdict: 'red' } })
    await until('there is another index', async () => (await storage()) !== before)
    await agree()
    expect(await look!.status()).toMatchObject({ problem: undefined })
  })

  it('is behind: restored from an earlier snapshot', async () => {
    const before = await begin()
    const { client } = stand.search
    const { body } = await client.indices.get({ index: before })
    const { mappings, settings: own } = body[before] as { mappings: object; settings: { index: { analysis: object } } }
    const settings = { number_of_replicas: 0, refresh_interval: '-1', analysis: own.index.analysis }
    const backup = `${before}-backup`
    await client.indices.create({ index: backup, body: { mappings, settings } as never })
    await client.indices.refresh({ index: before })
    await reindex(before, backup)
    await run()
    await place(3, 4)
    await agree()
    await stop()
    await dropIndex(client, before)
    await createIndex(client, before, { mappings, settings } as never)
    await reindex(backup, before)
    await dropIndex(client, backup)
    await run()
    await expectReplaced(before, `its index ${before} is behind its cursor`)
  })

  it('was restored without its write alias', async () => {
    const before = await begin()
    await stand.search.client.indices.deleteAlias({ index: before, name: writeAlias(before) })
    await run()
    await expectReplaced(before, 'has no write alias')
  })

  it('lost its state document', async () => {
    const before = await begin()
    await stand.search.client.delete({ index: before, id: 'trifold:state' })
    await run()
    await expectReplaced(before, 'has no state document')
  })

  it('is ahead: the database was restored and counts epochs again', async () => {
    const before = await begin()
    const restored = await stand.copy()
    await run()
    const lost = await place(3)
    await agree()
    await stop()
    await stand.use(restored)
    observed.forget()
    await run()
    await place(4)
    await expectAdopted(before, 'is ahead: it was written under epoch')
    // A commit token of the history that was lost is not taken for one of this.
    await expect(toolkit!.readModel('pictured_order').find({ after: lost as string })).rejects.toMatchObject({
      code: 'ERA_MISMATCH',
    })
    expect((await stateOf(await storage())).state.era).toBe(2)
  })

  it('names a window of another history', async () => {
    const before = await begin()
    await changeState(before, { nonce: '00000000-0000-0000-0000-000000000000' })
    await run()
    await expectAdopted(before, 'which is of another history')
    const { rows } = await stand.database.pool.query('select era, reason from trifold.history order by era')
    expect(rows).toEqual([
      { era: '1', reason: 'installed' },
      { era: '2', reason: 'index' },
    ])
  })

  it('belongs to a later era than the database knows', async () => {
    const before = await begin()
    await changeState(before, { era: 7 })
    await run()
    await expectAdopted(before, 'belongs to era 7, the database is in era 1')
    expect((await stateOf(await storage())).state.era).toBe(8)
    expect(observed.of('era.began')).toEqual([{ kind: 'era.began', era: 8, reason: 'index' }])
  })

  it('has the place of an interrupted rebuild, which is never continued', async () => {
    const before = await begin()
    await stand.database.pool.query(`update trifold.generations set state = 'building' where storage = $1`, [before])
    await run()
    await expectReplaced(before, 'no generation')
  })

  it('is one page behind: it is written again from there, in the same index', async () => {
    const before = await begin()
    const earlier = (await stateOf(before)).state
    await run()
    await place(3)
    await agree()
    await stop()
    // The last document was lost with the machine that ran OpenSearch, and so was the last note in the state document.
    await stand.search.client.delete({ index: before, id: '3' })
    await changeState(before, { applied: earlier.intended })
    await run()
    await place(4)
    await agree()
    expect(await storage()).toBe(before)
    expect(observed.of('rebuild.started')).toEqual([])
  })

  it('gives up the lease where somebody else has written the state document, and goes on as its next owner', async () => {
    await run()
    await observed.when('target.leased')
    await place(1)
    await agree()
    const before = await storage()
    const epoch = (await stateOf(before)).state.epoch
    await changeState(before, {})
    await place(2)
    await agree()
    expect(observed.of('lease.lost')).toMatchObject([{ target, epoch }])
    expect((await stateOf(before)).state.epoch).toBe(epoch + 1)
    expect(await storage()).toBe(before)
  })

  it('takes no late write of the past', async () => {
    const before = await begin()
    await changeState(before, { nonce: '00000000-0000-0000-0000-000000000000' })
    await run()
    await expectAdopted(before, 'another history')
    const late = stand.search.client.index({
      index: writeAlias(before),
      require_alias: true,
      id: '1',
      body: { order_id: 1 },
    })
    await expect(late).rejects.toThrow('index_not_found')
    await agree()
  })

  const parked = async () => {
    const { rows } = await stand.database.pool.query(
      `select code, message from trifold.parked where target like '%@search'`,
    )
    return rows[0]
  }

  /** Has the engine refuse every document with a note that is no number, by a field that somebody added. */
  const refuseNotes = async (index: string) => {
    const { client } = stand.search
    const mapping = await client.indices.getMapping({ index })
    const note = { ...mapping.body[index]?.mappings.properties?.note, fields: { number: { type: 'integer' } } }
    await client.indices.putMapping({ index, body: { properties: { note } } as never })
  }

  it('parks the event of a document that the engine refuses, and names it; the others of its page are written', async () => {
    await run('plain_order')
    await observed.when('target.leased')
    await refuseNotes(await storage('plain_order@search'))
    await inOneTransaction(stand.database.pool, async (client) => {
      await placeOrder(client, 1, order)
      await placeOrder(client, 2, { ...order, note: 'no number' })
      await placeOrder(client, 3, order)
    })
    await until('the event is parked', async () => (await parked()) !== undefined)
    expect(await parked()).toMatchObject({
      code: 'DOCUMENT_REFUSED',
      message: expect.stringContaining('document "2"'),
    })
    await until('the others are shown', async () => {
      await stand.search.client.indices.refresh({ index: await storage('plain_order@search') })
      const { rows } = await toolkit!.target('plain_order@search').find({})
      return JSON.stringify(rows.map((row) => row.order_id)) === '[1,3]'
    })
  })

  it('parks the event of a row whose value no target can hold, and names row and column', async () => {
    await run()
    await observed.when('target.leased')
    await inOneTransaction(stand.database.pool, async (client) => {
      await client.query(`update products set price = 'NaN' where id = 1`)
      await placeOrder(client, 2, order)
    })
    await until('the event is parked', async () => (await parked()) !== undefined)
    expect(await parked()).toMatchObject({ code: 'VALUE_INVALID', message: expect.stringMatching(/price.*2/) })
  })
})
