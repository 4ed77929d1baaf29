import { afterAll, beforeAll, expect, it } from 'vitest'
import { verifiedText } from '../../src/cli/commands/verify-output.ts'
import { verify } from '../../src/operator/verify.ts'
import { describeWithSearch } from '../support/search.ts'
import { ValueStand } from '../values/stand.ts'

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(`
    create table t (id integer primary key, name text not null);
    insert into t select id, 'name ' || id from generate_series(1, 40) as id`)
  await stand.rebuild('table', 'search')
  await stand.write(`update t set name = 'without its event' where id in (7, 8)`, [])
})
afterAll(() => stand.close())

/** As an event that was parked leaves them: a null is every key. */
async function suspect(...keys: (string | null)[]): Promise<void> {
  await stand.database.pool.query('delete from trifold.parked')
  await stand.database.pool.query(
    `with parked as (
      insert into trifold.parked
        (target, generation_id, window_id, ordinal, position, type, version, aggregate, payload, appended_at, code, message, handlers_version)
      select target, id, 1, 1, 1, 'Set', 1, 't:7', '{}', now(), 'HANDLER_FAILED', 'no', 1
      from trifold.generations
      returning id, generation_id
    )
    insert into trifold.suspect_keys (parked_id, generation_id, key)
    select id, generation_id, key
    from parked
    cross join unnest($1::text[]) as key`,
    [keys],
  )
}

describeWithSearch('rows whose keys are suspect', () => {
  it.each(['table', 'search'])('are no differences of the %s, are shown apart, and are not repaired', async (name) => {
    await suspect('7')
    const [one] = await verify(stand.toolkit, `m@${name}`, { repair: true })
    expect(one).toMatchObject({ different: 1, suspect: 1, differences: [{ key: '8' }], repaired: 1 })
    await suspect(null)
    const [all] = await verify(stand.toolkit, `m@${name}`)
    expect(all).toMatchObject({ different: 0, suspect: 1, differences: [] })
    expect(verifiedText(all!)).toMatch(
      new RegExp(`equal to .*\n {2}1 more is suspect, .*: \`trifold parked list --target m@${name}\`$`),
    )
    await suspect()
    expect(await verify(stand.toolkit, `m@${name}`)).toMatchObject([{ different: 1, suspect: 0 }])
  })
})
