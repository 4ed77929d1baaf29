import { afterEach, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { tick } from '../../src/feed/tick.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { compareFed } from '../../src/verify/compare-fed.ts'
import { ValueStand, valueEvents } from '../values/stand.ts'

const tables = `create table t (id integer primary key, name text not null)`
const insert = `insert into t select id, 'name ' || id from generate_series($1::integer, $2::integer) as id`
/** So many windows behind the last one. */
const withoutEvents = `
  insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
  select id + number, era, snapshot, first_ordinal + event_count, 0
  from (select * from trifold.windows order by id desc limit 1) as last
  cross join generate_series(1, $1::bigint) as number`

let stand: ValueStand
afterEach(() => stand.close())

async function writeRows(from: number, to: number): Promise<void> {
  const ids = Array.from({ length: to - from + 1 }, (_, place) => from + place)
  const events = ids.map((id) => ({ type: 'Set', aggregate: `t:${id}`, payload: { row: { id, name: `name ${id}` } } }))
  await stand.write(insert, [from, to], ...events)
}

const compare = (target: string) =>
  compareFed(eventFed(stand.toolkit.target(`m@${target}`)), valueEvents, 100, { patience: 100 })

describe('a target that is behind', () => {
  it('is compared as it will be, in windows and out of them, although nobody applies anything', async () => {
    stand = await ValueStand.open(tables)
    await stand.rebuild('table', 'search')
    await writeRows(1, 6_000)
    const client = await openClient(stand.database.url, { name: 'test' })
    await tick(client)
    await client.end()
    await writeRows(6_001, 7_000)
    for (const target of ['table', 'search']) expect((await compare(target)).findings.keys.size).toBe(0)
    await stand.write(`update t set name = 'without its event' where id in (7, 6500)`, [])
    for (const target of ['table', 'search'])
      expect([...(await compare(target)).findings.keys.keys()]).toEqual(['7', '6500'])
  })

  it('by more than a thousand windows is compared too: each event that is parked makes one', async () => {
    stand = await ValueStand.open(tables)
    await stand.rebuild('table', 'search')
    await writeRows(1, 5)
    const client = await openClient(stand.database.url, { name: 'test' })
    await tick(client)
    await client.query(withoutEvents, [1_001])
    await client.end()
    await writeRows(6, 7)
    await stand.write(`update t set name = 'without its event' where id = 6`, [])
    for (const target of ['table', 'search']) expect([...(await compare(target)).findings.keys.keys()]).toEqual(['6'])
  })

  it('by more than 20,000 events is to catch up first', async () => {
    stand = await ValueStand.open(tables)
    await stand.rebuild('table')
    await writeRows(1, 20_001)
    await expect(compare('table')).rejects.toMatchObject({
      code: 'VERIFY_IMPOSSIBLE',
      message: expect.stringMatching(/^verify: m@table is more than 20,000 events behind; start `trifold worker`/),
    })
  })

  const failing = [
    ['its handler', { type: 'Set', aggregate: 't:1', payload: { row: { id: 1, nme: 'no column' } } }],
    ['its fold', { type: 'Folded', aggregate: 't:1', payload: { key: [1], columns: { nme: 'no column' } } }],
  ] as const

  it.each(failing)('by an event that it will stop at, because %s fails, says so', async (_, event) => {
    stand = await ValueStand.open(tables, undefined, { onFailure: 'stop' })
    await stand.rebuild('table')
    await stand.write(insert, [1, 1], event)
    await expect(compare('table')).rejects.toMatchObject({
      code: 'TARGET_STOPPED',
      message: expect.stringMatching(/^verify: m@table cannot go on, so it cannot be verified: /),
    })
  })

  it.each(failing)('by an event that it will park, because %s fails, is compared as it will be', async (_, event) => {
    stand = await ValueStand.open(tables)
    await stand.rebuild('table', 'search')
    await stand.write(insert, [1, 1], event)
    for (const target of ['table', 'search']) expect((await compare(target)).findings.keys.size).toBe(0)
  })

  it('by an event that it will park, whose keys nobody knows, is to catch up first', async () => {
    stand = await ValueStand.open(tables)
    await stand.rebuild('table')
    await stand.write(insert, [1, 1], { type: 'Recomputed', aggregate: 't:1', payload: { key: [1, 'two'] } })
    await expect(compare('table')).rejects.toMatchObject({
      code: 'VERIFY_IMPOSSIBLE',
      message: expect.stringMatching(
        /^verify: m@table is before an event that it will park and whose keys are unknown; /,
      ),
    })
  })
})
