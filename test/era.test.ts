import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClient } from '../src/database.ts'
import { currentEra, raiseEra } from '../src/era.ts'
import { tick } from '../src/feed/tick.ts'
import { Feed } from '../src/feed.ts'
import { adoptHistory, isContinuous, storedEra } from '../src/schema/history.ts'
import { windowsFrom } from '../src/schema/windows.ts'
import { copyDatabase, type TestDatabase } from './support/database.ts'
import { createMarket } from './support/market/database.ts'
import { changeImage, inOneTransaction } from './support/market/writer.ts'
import { Observed } from './support/observed.ts'
import { until } from './support/until.ts'

describe('the era of a database', () => {
  let database: TestDatabase
  let client: pg.Client
  const opened: pg.Client[] = []

  beforeEach(async () => {
    database = await createMarket()
    client = await connect()
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.end()
    await database.close()
  })

  const connect = async (): Promise<pg.Client> => {
    const one = await openClient(database.url, { name: 'era test' })
    opened.push(one)
    return one
  }
  const append = (image: string) => inOneTransaction(database.pool, (one) => changeImage(one, 1, image))
  /** As if the stored row came from before a failover, or from another cluster. */
  const branch = (column: 'timeline' | 'system_identifier') =>
    database.pool.query(`update trifold.history set ${column} = 'another', written_by = pg_current_xact_id()`)
  /** The images that a reader from the beginning is told of, each with the era of its window. */
  const delivered = async (): Promise<[string, number][]> => {
    const feed = await Feed.open(database.url)
    const found: [string, number][] = []
    try {
      await feed.tick()
      let cursor = { era: 1, window: 0, position: undefined as number | undefined, ordinal: 0 }
      for (;;) {
        const page = await feed.read(cursor, 100)
        if (!page) return found
        for (const event of page.events) found.push([JSON.parse(event.payload).image, page.end.era])
        cursor = page.end as typeof cursor
      }
    } finally {
      await feed.close()
    }
  }

  it('stays as long as cluster and timeline do', async () => {
    const observed = new Observed()
    expect(await currentEra(client, observed.observe)).toBe(1)
    expect(await currentEra(client)).toBe(1)
    expect(observed.of('era.began')).toEqual([])
    expect(await windowsFrom(client, 0, 10)).toHaveLength(1)
  })

  it('ends with a last window and begins with an empty one where the timeline has changed', async () => {
    await append('before')
    await branch('timeline')
    const observed = new Observed()
    expect(await currentEra(client, observed.observe)).toBe(2)
    expect(observed.of('era.began')).toEqual([
      { kind: 'era.began', era: 2, reason: 'timeline', from: expect.any(String), to: expect.any(String) },
    ])
    await append('after')
    await tick(client)
    expect(await delivered()).toEqual([
      ['before', 1],
      ['after', 2],
    ])
    expect(await currentEra(client)).toBe(2)
    expect(await storedEra(client)).toBe(2)
    expect(await isContinuous(client, 1, 2)).toBe(true)
  })

  it('leaves unread what another cluster has appended: its transaction ids mean nothing here', async () => {
    await append('before')
    await branch('system_identifier')
    const observed = new Observed()
    expect(await currentEra(client, observed.observe)).toBe(2)
    expect(observed.of('era.began')).toMatchObject([{ era: 2, reason: 'cluster' }])
    await append('after')
    expect(await delivered()).toEqual([['after', 2]])
    expect(await isContinuous(client, 1, 2)).toBe(false)
    expect(await isContinuous(client, 2, 2)).toBe(true)
  })

  it('begins in a copy of the database, and in the original goes on', async () => {
    const observed = new Observed()
    const copy = await copyDatabase(database)
    try {
      const copied = await openClient(copy.url, { name: 'era test' })
      expect(await currentEra(copied, observed.observe)).toBe(2)
      expect(observed.of('era.began')).toMatchObject([{ reason: 'database' }])
      expect(await currentEra(copied)).toBe(2)
      expect(await isContinuous(copied, 1, 2)).toBe(false)
      await copied.end()
    } finally {
      await copy.close()
    }
    expect(await currentEra(await connect())).toBe(1)
  })

  it('goes on in a copy that adopts it', async () => {
    const copy = await copyDatabase(database)
    await adoptHistory(copy.pool)
    const copied = await openClient(copy.url, { name: 'era test' })
    expect(await currentEra(copied)).toBe(1)
    await copied.end()
    await copy.close()
  })

  it('begins where a dump was restored over the database', async () => {
    const observed = new Observed()
    await client.query('create temporary table dump as select * from trifold.history')
    await client.query('delete from trifold.history')
    await client.query('insert into trifold.history select * from dump')
    expect(await currentEra(client, observed.observe)).toBe(2)
    expect(observed.of('era.began')).toMatchObject([{ reason: 'database' }])
    expect(await currentEra(client)).toBe(2)
  })

  it('goes on after VACUUM has frozen its row', async () => {
    await database.pool.query('vacuum (freeze) trifold.history')
    await database.pool.query('vacuum (full, freeze) trifold.history')
    expect(await currentEra(client)).toBe(1)
  })

  it('waits for appends that are under way: they belong to the era before', async () => {
    await branch('timeline')
    const writer = await connect()
    await writer.query('begin')
    await changeImage(writer, 1, 'under way')
    const beginning = currentEra(client)
    await until('the new era waits for the lock', waitsForOutbox)
    await writer.query('commit')
    expect(await beginning).toBe(2)
    expect(await delivered()).toEqual([['under way', 1]])
  })

  it('takes an append that waited for its beginning, whatever the snapshot of its transaction', async () => {
    await branch('timeline')
    const holder = await connect()
    await holder.query('begin')
    await changeImage(holder, 2, 'holder')
    const writer = await connect()
    await writer.query('begin isolation level repeatable read')
    await writer.query('select 1 from products')
    const beginning = currentEra(client)
    await until('the new era waits for the lock', waitsForOutbox)
    const waiting = changeImage(writer, 1, 'waited') // behind the lock that the new era waits for
    await holder.query('commit')
    expect(await beginning).toBe(2)
    await waiting
    await writer.query('commit')
    expect(await delivered()).toEqual([
      ['holder', 1],
      ['waited', 2],
    ])
  })

  it('begins once where several workers notice', async () => {
    await branch('timeline')
    await append('before')
    const clients = await Promise.all([connect(), connect(), connect()])
    expect(await Promise.all(clients.map((one) => currentEra(one)))).toEqual([2, 2, 2])
    const { rows } = await database.pool.query('select count(*)::int as eras from trifold.history')
    expect(rows[0].eras).toBe(2)
    expect(await delivered()).toEqual([['before', 1]])
  })

  it('rises above an era that was seen elsewhere', async () => {
    expect(await raiseEra(client, 6)).toBe(7)
    expect(await raiseEra(client, 6)).toBe(7)
    expect(await isContinuous(client, 1, 7)).toBe(true)
    await append('after')
    expect(await delivered()).toEqual([['after', 7]])
  })

  it('has a nonce of its own each time, also where the version before begins it', async () => {
    const nonces = async () =>
      (await database.pool.query('select nonce, last_value from trifold.history, trifold.era_nonce order by era')).rows
    await raiseEra(client, 1)
    await database.pool.query(`
      insert into trifold.history (era, system_identifier, timeline, database_oid, reason)
      select era + 1, system_identifier, timeline, database_oid, 'index' from trifold.history order by era desc limit 1`)
    const found = await nonces()
    expect(new Set(found.map(({ nonce }) => nonce)).size).toBe(3)
    expect(found[2].nonce).toBe(found[2].last_value)
  })

  it('is kept from a ticker that has not heard of it', async () => {
    const feed = await Feed.open(database.url)
    await branch('timeline')
    await currentEra(client)
    await append('after')
    await feed.tick()
    await feed.tick()
    expect(feed.latest.era).toBe(2)
    await feed.close()
    expect(await delivered()).toEqual([['after', 2]])
  })

  const waitsForOutbox = async (): Promise<boolean> => {
    const { rows } = await database.pool.query(
      `select from pg_locks where relation = 'trifold.outbox'::regclass and mode = 'ExclusiveLock' and not granted`,
    )
    return rows.length > 0
  }
})
