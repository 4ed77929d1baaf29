import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ValueStand } from '../values/stand.ts'

/** A wrong way: what a target shows is said by its cursor alone, whatever is suspect. */
vi.mock('../../src/schema/generations/reflected.ts', async (original) => {
  const right = await original<typeof import('../../src/schema/generations/reflected.ts')>()
  const askedTargets = right.askedTargets.replace('min(parked.window_id) - 1', 'null::bigint')
  expect(askedTargets).not.toBe(right.askedTargets)
  return { ...right, askedTargets }
})

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open('create table t (id integer primary key, name text not null)')
  await stand.rebuild('table')
})
afterAll(() => stand.close())

it('a read with a token that does not wait for suspect keys gives a row without its event', async () => {
  const client = await stand.database.pool.connect()
  try {
    await client.query(`begin; insert into t values (7, 'seven')`)
    await stand.toolkit.append(client, [{ type: 'Removed', aggregate: 't:7', payload: { key: [7] } }] as never)
    const token = await stand.toolkit.token(client)
    await client.query('commit')
    await stand.catchUp('table') // past the event, and without the row that the write made
    await stand.database.pool.query(
      `with parked as (
        insert into trifold.parked
          (target, generation_id, window_id, ordinal, position, type, version, aggregate, payload, appended_at, code, message, handlers_version)
        select 'm@table', generation_id, window_id - 1, 1, 1, 'Removed', 1, 't:7', '{}', now(), 'HANDLER_FAILED', 'no', 1
        from trifold.consumers
        returning id, generation_id
      )
      insert into trifold.suspect_keys (parked_id, generation_id, key)
      select id, generation_id, '7'
      from parked`,
    )
    const model = stand.toolkit.readModel('m') as unknown as { find(request: object): Promise<object> }
    expect(await model.find({ after: token, timeout: '5s' })).toMatchObject({ rows: [], degraded: true })
  } finally {
    client.release()
  }
})
