import { afterEach, beforeEach, expect, test } from 'vitest'
import { inTransaction, openClient } from '../../src/database.ts'
import { tick } from '../../src/feed/tick.ts'
import { feedSettings } from '../../src/feed.ts'
import { readExtent, readHead } from '../../src/schema/outbox/after-window.ts'
import { readLargeWindow } from '../../src/schema/outbox/large-window.ts'
import { readSmallWindows } from '../../src/schema/outbox/small-windows.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { Setting } from './setting.ts'
import { createAggregates } from './writer.ts'

const imported = 100_000

let database: TestDatabase
let setting: Setting

beforeEach(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  setting = new Setting(database, theFeed)
})

afterEach(async () => {
  await setting?.close()
  await database?.close()
})

const appendMany = (count: number): string => `
  insert into trifold.outbox (era, type, aggregate, payload)
  select 1, 'Counted', 'many', '{}'
  from generate_series(1, ${count})`

const rowsVisited = `
  select sum(seq_tup_read + idx_tup_fetch) as rows
  from pg_stat_xact_user_tables
  where relname like 'outbox%'`

test('visits only the rows of the window, also when statistics say that the log has few transactions', async () => {
  const [holder, writer] = [await setting.writer(), await setting.writer()]
  const client = await openClient(database.url, { name: 'reader', settings: feedSettings })
  await writer.run(appendMany(imported))
  await writer.run('analyze trifold.outbox')
  await holder.run('begin')
  await holder.append('held')
  await (await setting.process()).tick()
  const { window: previous } = await tick(client, { evenIfEmpty: true })
  expect(previous.snapshot.xip.size).toBeGreaterThan(0)
  await writer.commit('a')
  await holder.run('commit')
  const visited = await inTransaction(client, async () => {
    for (let time = 0; time < 10; time++) {
      const head = await readHead(client, previous, { since: previous.snapshot, limit: 100, record: time % 2 === 1 })
      expect(head.rows).toHaveLength(2)
      const end = {
        ...previous,
        snapshot: { ...previous.snapshot, text: head.snapshot },
        floor: imported,
        ceiling: 2 * imported,
      }
      expect((await readExtent(client, previous, head.snapshot)).eventCount).toBe(2)
      expect(await readSmallWindows(client, previous, [end])).toEqual([head.rows])
      expect(await readLargeWindow(client, previous.snapshot, end, 0, 100)).toEqual(head.rows)
    }
    const { rows } = await client.query(rowsVisited)
    return Number(rows[0].rows)
  })
  await client.end()
  expect(visited).toBeGreaterThan(10 * 4)
  expect(visited).toBeLessThan(10 * 50)
})
