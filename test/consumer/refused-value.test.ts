import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { set } from '../../src/read-model.ts'
import { describeWithSearch } from '../support/search.ts'
import { type TargetName, ValueStand } from '../values/stand.ts'

const count = 200
const bad = 113

const columns = 'id integer primary key, body text not null, n integer, day date'

/** Sets of the rows 1 to 200; row 113 is given. */
const sets = (row: object) =>
  Array.from({ length: count }, (_, place) => ({
    type: 'Set',
    aggregate: 't',
    payload: { row: place + 1 === bad ? { id: bad, body: '', ...row } : { id: place + 1, body: 'short' } },
  }))

describeWithSearch('A value that an engine refuses', () => {
  let stand: ValueStand | undefined

  afterEach(async () => {
    await stand?.close()
    stand = undefined
  })

  const open = async (target: TargetName) => {
    stand = await ValueStand.open(`create table t (${columns})`, 'select * from public.t', { indexes: [['body']] })
    await stand.rebuild(target)
    return stand
  }

  const expectStop = async (one: ValueStand, target: TargetName, message: RegExp, code = 'VALUE_INVALID') => {
    const driver = await one.driver(target)
    const lease = await driver.lease()
    await expect(driver.catchUp(lease)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      details: { ordinal: bad, position: expect.any(Number), type: 'Set' },
    })
    expect(lease.cursor.ordinal).toBe(bad - 1)
    const ids = [...(await one.stored(target)).keys()].map(Number)
    expect(ids).not.toContain(bad)
    expect(ids.filter((id) => id < bad).length).toBe(bad - 1)
    // An index takes the other documents of a page that was tried; they are written again when it goes on.
    if (target === 'table') expect(ids.length).toBe(bad - 1)
  }

  test('is named with its event and its column, and what was before it is applied: too long for an index', async () => {
    const one = await open('table')
    await one.write('select 1', [], ...sets({ body: randomBytes(4_000).toString('base64') }))
    await expectStop(
      one,
      'table',
      /cannot take event 113 \(Set, position \d+\): .* for one of the columns .*body.*: index row/,
    )
  })

  test('a check that somebody added to the table', async () => {
    const one = await open('table')
    await one.database.pool.query('alter table trifold.m__table_g1 add check (n < 5)')
    await one.write('select 1', [], ...sets({ n: 7 }))
    await expectStop(one, 'table', /event 113 .* for the column n: new row .* violates check constraint/)
  })

  test('a row that is recomputed and cannot be kept', async () => {
    stand = await ValueStand.open(`create table t (id integer primary key, body text, value bigint)`)
    await stand.rebuild('table', 'search')
    const recomputed = { type: 'Recomputed', aggregate: 't', payload: { key: [bad] } }
    const events = sets({}).map((event, place) => (place + 1 === bad ? recomputed : event))
    await stand.write(`insert into t values (${bad}, '', 9007199254740993)`, [], ...events)
    for (const target of ['table', 'search'] as const) {
      const driver = await stand.driver(target)
      const lease = await driver.lease()
      await expect(driver.catchUp(lease)).rejects.toMatchObject({
        message: expect.stringMatching(/event 113 \(Recomputed, .*the column value of the row with id 113/),
      })
      expect(lease.cursor.ordinal).toBe(bad - 1)
    }
  })

  test('a document', async () => {
    const one = await open('search')
    const index = `${one.search.prefix}m-g1`
    const mapping = await one.search.client.indices.getMapping({ index })
    const address = { ...mapping.body[index]?.mappings.properties?.n, fields: { address: { type: 'ip' } } }
    await one.search.client.indices.putMapping({ index, body: { properties: { n: address } } as never })
    await one.write('select 1', [], ...sets({ n: 7, body: 'refuse me' }))
    await expectStop(one, 'search', /cannot take event 113 .*refused document "113"/, 'DOCUMENT_REFUSED')
  })

  test('half a character, which a handler has cut', async () => {
    const cut = ({ row }: { row: { id: number; body: string } }) => set({ ...row, body: row.body.slice(0, 3) })
    stand = await ValueStand.open(`create table t (${columns})`, 'select * from public.t', {
      on: { Set: cut } as never,
    })
    await stand.rebuild('table', 'search')
    await stand.write('select 1', [], ...sets({ body: 'ab😀' }))
    for (const target of ['table', 'search'] as const)
      await expectStop(
        stand,
        target,
        /event 113 .*the column body: .* is not text of whole characters/,
        'HANDLER_FAILED',
      )
  })

  test('a value that the type does not have stops at its handler, with the column', async () => {
    const one = await open('table')
    await one.write('select 1', [], ...sets({ day: '2026-02-31' }))
    await expectStop(one, 'table', /failed at event 113 .*the column day: "2026-02-31" is not a date/, 'HANDLER_FAILED')
  })
})
